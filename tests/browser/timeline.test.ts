/** The timeline in a real browser: what a person sees, hears and can do. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import type { Browser, Page } from 'playwright-core';
import { checkAccessibility, launchChromium, openPage, picture, withChromium } from '../harness/chromium.ts';
import { send } from '../harness/http-client.ts';
import { localClient } from '../harness/lambda-client.ts';
import { longOnly } from '../harness/long-form.ts';
import { type ServedTimeline, serveTimeline } from '../harness/served-timeline.ts';
import type { Handler } from '../harness/test-stack.ts';
import { anyOrigin, focused, responseOf, sendFeeling } from './feeling-page.ts';

const answers: Handler = (event) => {
  const { message } = JSON.parse(event.body ?? '{}');
  console.info('says', message);
  return { feeling: 'positive', message };
};
const fails: Handler = () => {
  throw new RangeError('boom');
};

const entries = (page: Page) => page.getByRole('list', { name: 'Newest first' }).getByRole('link');
const heading = (page: Page) => page.locator('#heading');
const part = (page: Page, title: string) => page.locator('#parts details').filter({ hasText: title });

describe('the timeline', { ...withChromium, ...longOnly }, () => {
  let browser: Browser;
  let served: ServedTimeline;
  before(async () => {
    browser = await launchChromium();
    served = await serveTimeline(
      { feeling: { code: answers, route: 'POST /feeling' }, fails: { code: fails } },
      { cors: anyOrigin, runtime: { retryDelayMs: 1 } },
    );
  });
  after(async () => {
    await browser.close();
    await served[Symbol.asyncDispose]();
  });

  async function post(message: string): Promise<string> {
    const body = JSON.stringify({ emoji_type: 0, message });
    const headers = { 'content-type': 'application/json', authorization: 'Bearer secret' };
    const response = await send(`${served.stack.url}/feeling`, { method: 'POST', headers, body });
    return String(response.headers['apigw-requestid']);
  }

  test('shows a request as it comes, opens it by keyboard, and goes back to it in the list', async () => {
    await using opened = await openPage(browser, `${served.url}/requests`);
    const { page, errors, origins } = opened;
    await page.getByText('Live', { exact: true }).waitFor();
    await picture(page, 'requests-empty');
    await post('hello');
    await entries(page).filter({ hasText: 'POST /feeling 200' }).first().waitFor();
    // The brand, two links, the pause and the filter come first.
    for (let tabs = 0; tabs < 6; tabs++) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await part(page, 'Request').getByText('"message": "hello"').waitFor();
    assert.equal(await focused(page).getAttribute('id'), 'heading');
    assert.equal(await heading(page).innerText(), 'POST /feeling');
    assert.equal(await part(page, 'Log').locator('pre').innerText(), 'INFO says hello');
    assert.match(
      await part(page, 'Response').first().locator('pre').innerText(),
      /^200\n.*content-type: application\/json/s,
    );
    assert.match(await part(page, 'Request').first().locator('pre').innerText(), /authorization: \(hidden\)/);
    await part(page, 'Event as the function got it').locator('summary').click();
    await part(page, 'Event as the function got it').getByText('"rawPath": "/feeling"').waitFor();
    await page.getByRole('button', { name: 'Close' }).press('Enter');
    assert.match((await focused(page).textContent()) ?? '', /^POST \/feeling 200/);
    assert.deepEqual(errors, []);
    assert.deepEqual(origins, new Set([served.url]));
  });

  test('keeps the focus and what is open while more comes', longOnly, async () => {
    const id = await post('stays');
    await using opened = await openPage(browser, `${served.url}/requests#${encodeURIComponent(id)}`);
    const { page } = opened;
    await part(page, 'Log').getByText('stays').waitFor();
    await page.getByRole('button', { name: 'Send again', exact: true }).focus();
    await post('more');
    await entries(page).nth(1).waitFor();
    await page.locator('#entries li:first-child a:not([aria-current])').waitFor();
    assert.equal(await focused(page).textContent(), 'Send again');
    assert.match(await part(page, 'Log').locator('pre').innerText(), /stays/);
  });

  test('sends a request again, edited, and opens the new one', async () => {
    const id = await post('before');
    await using opened = await openPage(browser, `${served.url}/requests#${encodeURIComponent(id)}`);
    const { page, errors } = opened;
    const edit = page.getByRole('button', { name: 'Edit and send again' });
    await edit.click();
    assert.equal(await edit.getAttribute('aria-expanded'), 'true');
    assert.equal(await focused(page).getAttribute('id'), 'body');
    await checkAccessibility(page);
    await picture(page, 'requests-edit');
    await page.getByRole('textbox', { name: 'Body' }).fill('{"emoji_type":1,"message":"after"}');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await part(page, 'Log').getByText('says after').waitFor();
    assert.notEqual(new URL(page.url()).hash, `#${encodeURIComponent(id)}`);
    await page.getByRole('link', { name: 'The one before' }).click();
    await part(page, 'Log').getByText('says before').waitFor();
    await page.getByRole('button', { name: 'Send again', exact: true }).click();
    await page.waitForURL((url) => url.hash !== `#${encodeURIComponent(id)}`);
    await part(page, 'Log').getByText('says before').waitFor();
    assert.deepEqual(errors, []);
  });

  test('shows a failed event with its attempts, and sends it again', async () => {
    const client = localClient(served.stack.runtime.lambdaUrl);
    const command = new InvokeCommand({ FunctionName: 'fails', InvocationType: 'Event', Payload: '{"a":1}' });
    const id = (await client.send(command)).$metadata.requestId ?? '';
    client.destroy();
    await served.until((entry) => entry.id === id && entry.state === 'RetriesExhausted');
    await using opened = await openPage(browser, `${served.url}/requests`);
    const { page } = opened;
    await page.getByLabel('Show').selectOption('what failed');
    await entries(page).filter({ hasText: 'Event fails RetriesExhausted' }).click();
    await part(page, 'Attempts')
      .getByText(/3\. .*RangeError: boom/)
      .waitFor();
    await part(page, 'Stack trace').getByText('RangeError: boom').first().waitFor();
    await checkAccessibility(page);
    await picture(page, 'requests-event');
    await page.getByRole('button', { name: 'Send again', exact: true }).click();
    await page.waitForURL((url) => url.hash !== `#${id}`);
    const again = new URL(page.url()).hash.slice(1);
    await served.until((entry) => entry.id === again && entry.state === 'RetriesExhausted');
    await part(page, 'Attempts')
      .getByText(/3\. .*RangeError: boom/)
      .waitFor();
  });

  test('copies each command', longOnly, async () => {
    const id = await post("it's copied");
    const permissions = ['clipboard-read', 'clipboard-write'];
    await using opened = await openPage(browser, `${served.url}/requests#${encodeURIComponent(id)}`, { permissions });
    const { page } = opened;
    const { commands } = await served.detail(id);
    for (const [name, command] of [
      ['curl', commands.curl],
      ['aws lambda invoke', commands.aws],
      ['npm run invoke', commands.npm],
    ] as const) {
      await page.getByRole('button', { name: `Copy as ${name}` }).click();
      await page.getByText(`Copied as ${name}.`).waitFor();
      assert.equal(await page.evaluate('navigator.clipboard.readText()'), command);
    }
  });

  test('pauses, goes on where it was, and says that the server is gone', longOnly, async () => {
    await using other = await serveTimeline({ feeling: { code: answers, route: 'POST /feeling' } });
    await using opened = await openPage(browser, `${other.url}/requests`);
    const { page } = opened;
    await page.getByText('No request yet.').waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Paused').waitFor();
    await send(`${other.stack.url}/while-paused`);
    assert.equal(await entries(page).count(), 0);
    await page.getByRole('button', { name: 'Go on' }).click();
    await entries(page).filter({ hasText: 'GET /while-paused 404' }).waitFor();
    await other.docs.stop();
    await page.getByText('Not connected.').waitFor();
    await checkAccessibility(page);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    test(
      `is legible in ${colorScheme} colours on a phone, without scrolling sideways`,
      colorScheme === 'light' ? {} : longOnly,
      async () => {
        await send(`${served.stack.url}/${'averylongpath'.repeat(30)}`);
        const id = await post('averyverylongwordthatgoesonandon'.repeat(8));
        const phone = { viewport: { width: 375, height: 700 }, deviceScaleFactor: 2, hasTouch: true, colorScheme };
        await using opened = await openPage(browser, `${served.url}/requests`, phone);
        const { page } = opened;
        const overflow = () => page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth);
        await entries(page).nth(1).waitFor();
        await checkAccessibility(page);
        await picture(page, `requests-phone-${colorScheme}`);
        assert.equal(await overflow(), 0);
        await page.locator(`#entries a[href="#${encodeURIComponent(id)}"]`).tap();
        await part(page, 'Log').waitFor();
        assert.equal(await page.locator('#entries').isVisible(), false, 'there is room for one of them');
        await checkAccessibility(page);
        await picture(page, `requests-phone-${colorScheme}-entry`);
        assert.equal(await overflow(), 0);
      },
    );
  }

  test('the page that sends feelings links to the request of its response', async () => {
    await using opened = await openPage(browser, served.url);
    const { page, errors } = opened;
    await sendFeeling(page, 'Good', 'linked');
    await responseOf(page).getByRole('heading').waitFor();
    await page.getByRole('link', { name: 'Open in the timeline' }).click();
    await part(page, 'Log').getByText('says linked').waitFor();
    assert.deepEqual(errors, []);
  });

  test('says that an entry is no longer kept', longOnly, async () => {
    await using opened = await openPage(browser, `${served.url}/requests#gone`);
    await opened.page.getByRole('alert').filter({ hasText: 'There is no such entry.' }).waitFor();
    await checkAccessibility(opened.page);
  });
});
