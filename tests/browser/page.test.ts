/** The page beside the API reference, in a real browser: what a person sees, hears and can do. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { readAssembly } from '../../infra/local/cloud-assembly/read-assembly.ts';
import { checkAccessibility, launchChromium, openPage, picture, withChromium } from '../harness/chromium.ts';
import { serveStack, synthesiseStack } from '../harness/feeling-api.ts';
import { isLongForm, longOnly } from '../harness/long-form.ts';
import { focused, responseOf, sendFeeling, servePage } from './feeling-page.ts';

describe('the page', withChromium, () => {
  let browser: Browser;
  before(async () => {
    browser = await launchChromium();
  });
  after(() => browser.close());

  describe('with the API', () => {
    let api: string;
    let url: string;
    const resources = new AsyncDisposableStack();
    before(async () => {
      const stack = resources.use(await synthesiseStack());
      api = resources.use(await serveStack(stack.directory)).url;
      url = resources.use(await servePage(api)).url;
    });
    after(() => resources.disposeAsync());

    test('the page sends each face, and shows what it means', async () => {
      await using opened = await openPage(browser, url);
      const { page, errors, origins } = opened;
      for (const [face, feeling] of [
        ['Good', 'positive'],
        ['So-so', 'neutral'],
        ['Bad', 'negative'],
      ] as const) {
        await sendFeeling(page, face, 'shipped! 🎉');
        await responseOf(page).getByRole('heading', { name: feeling }).waitFor();
        assert.equal(await responseOf(page).getByRole('paragraph').innerText(), 'shipped! 🎉');
        await picture(page, `page-${feeling}`);
      }
      assert.deepEqual(errors, []);
      assert.deepEqual(origins, new Set([url, api]));
    });

    test('the page shows a message as written, and runs nothing of it', async () => {
      await using opened = await openPage(browser, url);
      const { page, errors } = opened;
      const message = '<img src=x onerror="document.title=1">\n  two  spaces';
      await sendFeeling(page, 'So-so', message);
      await responseOf(page).getByRole('heading').waitFor();
      assert.equal(await responseOf(page).getByRole('paragraph').textContent(), message);
      assert.equal(await page.title(), 'How do you feel? · Feeling API');
      assert.deepEqual(errors, []);
    });

    test('the page works by keyboard alone', async () => {
      await using opened = await openPage(browser, url);
      const { page } = opened;
      // The two links come first.
      for (let tabs = 0; tabs < 3; tabs++) await page.keyboard.press('Tab');
      await page.keyboard.press('Space');
      await page.keyboard.press('ArrowRight');
      assert(await page.getByRole('radio', { name: 'So-so' }).isChecked());
      await picture(page, 'page-keyboard');
      await page.keyboard.press('Tab');
      await page.keyboard.type('typed');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await responseOf(page).getByRole('heading', { name: 'neutral' }).waitFor();
      assert.equal(await focused(page).textContent(), 'Send');
    });

    test('the page asks for a face if none is chosen, and moves the focus there', longOnly, async () => {
      await using opened = await openPage(browser, url);
      const { page, errors, origins } = opened;
      await page.getByLabel('What is on your mind?').fill('hm');
      await page.getByRole('button', { name: 'Send' }).click();
      const faces = page.getByRole('radiogroup', { name: 'Choose a face', description: 'No face is chosen yet.' });
      assert.equal(await faces.getAttribute('aria-invalid'), 'true');
      assert.equal(await focused(page).getAttribute('value'), '0');
      await checkAccessibility(page);
      await picture(page, 'page-no-face');
      assert.deepEqual(errors, []);
      assert.deepEqual(origins, new Set([url]));
    });

    test('the page shows beside the message what the API refuses about it', async () => {
      await using opened = await openPage(browser, url);
      const { page } = opened;
      await sendFeeling(page, 'Bad', 'x'.repeat(65_537));
      const message = page.getByRole('textbox', {
        name: 'What is on your mind?',
        description: 'The message must have at most 65,536 characters.',
      });
      assert.equal(await message.getAttribute('aria-invalid'), 'true');
      assert.equal(await focused(page).getAttribute('id'), 'message');
      await checkAccessibility(page);
      await picture(page, 'page-refused');
      // What is mended is sent, and no fault stays.
      const mended = page.getByLabel('What is on your mind?');
      await mended.fill('short');
      await page.getByRole('button', { name: 'Send' }).click();
      await responseOf(page).getByRole('heading', { name: 'negative' }).waitFor();
      assert.equal(await mended.getAttribute('aria-invalid'), null);
    });

    test('the page has the request and the response as a program sees them, and copies a command that works', async () => {
      const viewport = { width: 800, height: 600 };
      await using opened = await openPage(browser, url, {
        viewport,
        permissions: ['clipboard-read', 'clipboard-write'],
      });
      const { page } = opened;
      const message = "it's $HOME";
      await sendFeeling(page, 'So-so', message);
      await responseOf(page).getByRole('heading', { name: 'neutral' }).waitFor();
      const bottom = await responseOf(page).evaluate((place) => place.getBoundingClientRect().bottom);
      assert(bottom <= viewport.height, `the response is in view: ${bottom}`);

      const exchange = page.locator('#exchange');
      assert.equal(await exchange.locator('#request').isVisible(), false, 'it is folded where there is no room');
      await exchange.getByText('Request and response').click();
      const request = await exchange.locator('#request').innerText();
      assert.match(request, /^POST \/feeling\ncontent-type: application\/json\n\n\{/);
      const sent = JSON.parse(request.slice(request.indexOf('{')));
      assert.deepEqual(sent, { emoji_type: 1, message });
      const response = await exchange.locator('#response').innerText();
      assert.match(response, /^200 OK\napigw-requestid: \S+=\n(?:.+\n)*content-type: application\/json\n/);
      assert.deepEqual(JSON.parse(response.slice(response.indexOf('{'))), { feeling: 'neutral', message });
      await checkAccessibility(page);

      await exchange.getByRole('button', { name: 'Copy as curl' }).click();
      await exchange.getByRole('button', { name: 'Copied' }).waitFor();
      const { stdout } = await promisify(execFile)('sh', ['-c', await page.evaluate('navigator.clipboard.readText()')]);
      assert.match(stdout, /^HTTP\/1\.1 200 OK\r\n/);
      assert(stdout.endsWith(JSON.stringify({ feeling: 'neutral', message })));
    });

    for (const colorScheme of isLongForm ? (['light', 'dark'] as const) : (['light'] as const)) {
      test(`the page is legible in ${colorScheme} colours, on a phone, without motion`, async () => {
        const phone = { viewport: { width: 320, height: 640 }, deviceScaleFactor: 2, hasTouch: true };
        await using opened = await openPage(browser, url, { ...phone, colorScheme, reducedMotion: 'reduce' });
        const { page } = opened;
        await picture(page, `page-phone-${colorScheme}`);
        for (const face of ['Good', 'So-so', 'Bad'] as const) {
          const message = `averyverylongwordthatgoesonandon ${face}`.repeat(4);
          await sendFeeling(page, face, message);
          await responseOf(page).getByText(message).waitFor();
          // Only the words differ: the short form checks those of one face.
          if (isLongForm || face === 'Good') await checkAccessibility(page);
        }
        await picture(page, `page-phone-${colorScheme}-answer`);
        const overflow = await page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth);
        assert.equal(overflow, 0);
      });
    }
  });

  test('the preflight lets in a page that the stage allows, and no other', async () => {
    await using before = await synthesiseStack();
    await using api = await serveStack(before.directory);
    await using page = await servePage(api.url);
    await using foreign = await servePage(api.url);
    // The API starts before the page, and learns its address afterwards.
    await using stack = await synthesiseStack({ allowedOrigins: page.url });
    await api.runtime.replace(await readAssembly(stack.directory));
    for (const [url, seen] of [
      [page.url, 'positive'],
      [foreign.url, 'The API does not answer this page'],
    ] as const) {
      await using opened = await openPage(browser, url);
      await sendFeeling(opened.page, 'Good', 'hi');
      await opened.page.getByRole('heading', { name: seen }).waitFor();
    }
    assert.deepEqual(
      api.access.map(({ method, path, status }) => `${method} ${path} ${status}`),
      // The page that is not let in asks once more, in the one way that is open to it, whether the API is there.
      ['OPTIONS /feeling 204', 'POST /feeling 200', 'OPTIONS /feeling 204', 'GET / 404'],
    );
  });
});
