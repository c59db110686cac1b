/** The page when the API fails, in a real browser: what a person sees and can do. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { checkAccessibility, launchChromium, openPage, picture, withChromium } from '../harness/chromium.ts';
import { Duration } from '../harness/duration.ts';
import { openGate } from '../harness/gate.ts';
import { longOnly } from '../harness/long-form.ts';
import { failureOf, focused, responseOf, sendFeeling, serveInstead, servePage } from './feeling-page.ts';
import { failures } from './page-failures.cases.ts';

describe('the page, when the API fails', { ...withChromium, ...longOnly }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launchChromium();
  });
  after(() => browser.close());

  test('the page says that the API is down, and keeps the message', async () => {
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

  test('the page says that the API is slow, stops waiting, and sends again', longOnly, async () => {
    await using gate = await openGate();
    await using slow = await serveInstead(
      async () => {
        await (await fetch(process.env['GATE'] ?? '')).text();
        return { feeling: 'positive', message: 'at last' };
      },
      { options: { environment: { GATE: gate.url }, timeout: Duration.minutes(1) } },
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
    await page.getByText('Cancelled. You can send it again.').waitFor();
    assert.equal(await focused(page).textContent(), 'Send');
    await picture(page, 'page-stopped');
    first.release();
    await page.keyboard.press('Enter');
    (await gate.arrival()).release();
    await responseOf(page).getByText('at last').waitFor();
  });

  for (const [index, [what, start, title, advice]] of failures.entries()) {
    // All are shown in the same elements: the short form tries one.
    test(`the page says that the API ${what}`, index === 0 ? {} : longOnly, async () => {
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

  test('the page says that it retries while the API is busy', async (t) => {
    const { promise: seen, resolve: goOn } = Promise.withResolvers<void>();
    let posts = 0;
    const server = createServer(async (request, response) => {
      response.setHeader('access-control-allow-origin', '*').setHeader('access-control-allow-headers', 'content-type');
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
