/** The page beside the API reference, in a real browser: what a person sees, hears and can do, also when things go wrong. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { readAssembly } from '../../infra/local/cloud-assembly/read-assembly.ts';
import { DocsServer } from '../../infra/local/docs/docs-server.ts';
import { checkAccessibility, launchChromium, openPage, picture, withChromium } from '../harness/chromium.ts';
import { Duration } from '../harness/duration.ts';
import { serveStack, synthesiseStack } from '../harness/feeling-api.ts';
import { openGate } from '../harness/gate.ts';
import { type Handler, serve, type TestApi, type TestCors, type TestFunction } from '../harness/test-stack.ts';

/** Serves the page for an API, on any free port. */
async function servePage(api: string): Promise<AsyncDisposable & { url: string }> {
  const docs = await DocsServer.start(api, 0);
  return { url: docs.url, [Symbol.asyncDispose]: () => docs.stop() };
}

const anyOrigin: TestCors = {
  allowOrigins: ['*'],
  allowMethods: ['POST'],
  allowHeaders: ['content-type'],
  exposeHeaders: ['apigw-requestid', 'retry-after'],
};

/** A function in the place of ours, behind the same route. */
function serveInstead(code: Handler, more: Partial<TestFunction> = {}, api: TestApi = {}) {
  return serve({ feeling: { code, route: 'POST /feeling', ...more } }, { cors: anyOrigin, ...api });
}

async function sendFeeling(page: Page, face: 'Good' | 'So-so' | 'Bad', message: string): Promise<void> {
  await page.getByRole('radio', { name: face }).check();
  await page.getByLabel('What is on your mind?').fill(message);
  await page.getByRole('button', { name: 'Send' }).click();
}

const responseOf = (page: Page) => page.locator('#answer');
const focused = (page: Page) => page.locator(':focus');
const failureOf = (page: Page) => page.getByRole('alert');

describe('the page', withChromium, () => {
  let browser: Browser;
  before(async () => {
    browser = await launchChromium();
  });
  after(() => browser.close());

  describe('with the API behind it', () => {
    let api: string;
    let url: string;
    const resources = new AsyncDisposableStack();
    before(async () => {
      const stack = resources.use(await synthesiseStack());
      api = resources.use(await serveStack(stack.directory)).url;
      url = resources.use(await servePage(api)).url;
    });
    after(() => resources.disposeAsync());

    test('sends each face, and shows what it means', async () => {
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

    test('shows a message as it was written, and runs nothing of it', async () => {
      await using opened = await openPage(browser, url);
      const { page, errors } = opened;
      const message = '<img src=x onerror="document.title=1">\n  two  spaces';
      await sendFeeling(page, 'So-so', message);
      await responseOf(page).getByRole('heading').waitFor();
      assert.equal(await responseOf(page).getByRole('paragraph').textContent(), message);
      assert.equal(await page.title(), 'How do you feel?');
      assert.deepEqual(errors, []);
    });

    test('is used by the keyboard alone', async () => {
      await using opened = await openPage(browser, url);
      const { page } = opened;
      await page.keyboard.press('Tab');
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

    test('asks for a face when none is chosen, and leads there', async () => {
      await using opened = await openPage(browser, url);
      const { page, errors, origins } = opened;
      await page.getByLabel('What is on your mind?').fill('hm');
      await page.getByRole('button', { name: 'Send' }).click();
      const faces = page.getByRole('radiogroup', { name: 'Choose a face', description: 'Choose a face.' });
      assert.equal(await faces.getAttribute('aria-invalid'), 'true');
      assert.equal(await focused(page).getAttribute('value'), '0');
      await checkAccessibility(page);
      await picture(page, 'page-no-face');
      assert.deepEqual(errors, []);
      assert.deepEqual(origins, new Set([url]));
    });

    test('shows what the API has against the message, beside the message', async () => {
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

    for (const colorScheme of ['light', 'dark'] as const) {
      test(`is legible in ${colorScheme} colours, on a phone, without motion`, async () => {
        const phone = { viewport: { width: 320, height: 640 }, deviceScaleFactor: 2, hasTouch: true };
        await using opened = await openPage(browser, url, { ...phone, colorScheme, reducedMotion: 'reduce' });
        const { page } = opened;
        await picture(page, `page-phone-${colorScheme}`);
        for (const face of ['Good', 'So-so', 'Bad'] as const) {
          const message = `averyverylongwordthatgoesonandon ${face}`.repeat(4);
          await sendFeeling(page, face, message);
          await responseOf(page).getByText(message).waitFor();
          await checkAccessibility(page);
        }
        await picture(page, `page-phone-${colorScheme}-answer`);
        const overflow = await page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth);
        assert.equal(overflow, 0);
      });
    }
  });

  describe('when the API', () => {
    test('is down, says so and keeps the message', async () => {
      await using gone = await serveInstead(() => ({}));
      await using served = await servePage(gone.url);
      await using opened = await openPage(browser, served.url);
      const { page } = opened;
      await gone.runtime.stop();
      await sendFeeling(page, 'Good', 'still here');
      await failureOf(page).getByRole('heading', { name: 'The API cannot be reached' }).waitFor();
      assert.match(await failureOf(page).innerText(), new RegExp(`Nothing answers at ${gone.url}\\.`));
      assert.equal(await page.getByLabel('What is on your mind?').inputValue(), 'still here');
      await checkAccessibility(page);
      await picture(page, 'page-down');
    });

    test('is slow, says so, lets go and starts again', async () => {
      await using gate = await openGate();
      await using slow = await serveInstead(
        async () => {
          await (await fetch(process.env['GATE'] ?? '')).text();
          return { feeling: 'positive', message: 'at last' };
        },
        { options: { environment: { GATE: gate.url } } },
      );
      await using served = await servePage(slow.url);
      await using opened = await openPage(browser, served.url);
      const { page } = opened;
      await sendFeeling(page, 'Good', 'hm');
      const first = await gate.arrival();
      await page.getByText('The API is slow; still waiting').waitFor();
      await checkAccessibility(page);
      await picture(page, 'page-slow');
      await page.getByRole('button', { name: 'Stop waiting' }).click();
      await page.getByText('Stopped. Nothing was kept').waitFor();
      assert.equal(await focused(page).textContent(), 'Send');
      await picture(page, 'page-stopped');
      first.release();
      await page.keyboard.press('Enter');
      (await gate.arrival()).release();
      await responseOf(page).getByText('at last').waitFor();
    });

    const failing: [what: string, api: () => ReturnType<typeof serve>, title: string, advice: RegExp][] = [
      [
        'fails',
        () =>
          serveInstead(() => {
            throw new Error('secret');
          }),
        'Something failed in the API',
        /Your message is not the cause\. It is request [\w+/-]+= in the logs\.$/,
      ],
      [
        'cannot answer in time',
        () =>
          serveInstead(() => new Promise((resolve) => setTimeout(resolve, 60_000)), {
            integrationTimeout: Duration.millis(50),
            options: { timeout: Duration.seconds(1) },
          }),
        'The API cannot answer now',
        /Wait a moment/,
      ],
      [
        'is throttled',
        () => serveInstead(() => ({}), {}, { throttle: { rateLimit: 0.001, burstLimit: 0 } }),
        'The API is busy',
        /retries did not help/,
      ],
      [
        'requires a token',
        () => serveInstead(() => ({}), {}, { jwt: { issuer: 'https://issuer.example', audience: ['feeling'] } }),
        'This API requires a token',
        /This page has none/,
      ],
      [
        'is not for this page',
        () => serveInstead(() => ({}), {}, { cors: { ...anyOrigin, allowOrigins: ['https://app.example'] } }),
        'The API does not answer this page',
        /its allowedOrigins do not have http:\/\/127\.0\.0\.1:\d+\./,
      ],
    ];
    for (const [what, start, title, advice] of failing) {
      test(`${what}, says so`, async () => {
        await using api = await start();
        await using served = await servePage(api.url);
        await using opened = await openPage(browser, served.url);
        const { page } = opened;
        await sendFeeling(page, 'Good', 'hm');
        await failureOf(page).getByRole('heading', { name: title }).waitFor();
        assert.match(await failureOf(page).innerText(), advice);
        await checkAccessibility(page);
        await picture(page, `page-${what.replaceAll(' ', '-')}`);
        // It can be sent again.
        assert.equal(await page.getByRole('button', { name: 'Send' }).getAttribute('aria-disabled'), null);
      });
    }

    test('is busy for a moment, says that it retries', async (t) => {
      const { promise: seen, resolve: goOn } = Promise.withResolvers<void>();
      let posts = 0;
      const server = createServer(async (request, response) => {
        response
          .setHeader('access-control-allow-origin', '*')
          .setHeader('access-control-allow-headers', 'content-type');
        if (request.method === 'OPTIONS') return void response.writeHead(204).end();
        if (posts++ === 0) return void response.writeHead(503, { 'retry-after': '0' }).end('{"message":"later"}');
        await seen;
        response.end('{"feeling":"positive","message":"in the end"}');
      });
      t.after(() => {
        server.closeAllConnections();
        server.close();
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      assert(typeof address === 'object' && address);
      await using served = await servePage(`http://127.0.0.1:${address.port}`);
      await using opened = await openPage(browser, served.url);
      const { page } = opened;
      await sendFeeling(page, 'Good', 'hm');
      await page.getByText('The API is busy; retrying').waitFor();
      goOn();
      await responseOf(page).getByText('in the end').waitFor();
      assert.equal(await failureOf(page).innerText(), '');
    });
  });

  test('across origins, the preflight lets in a page that the stage allows, and no other', async () => {
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
