/** The API reference, in a real browser: what is tried there reaches the running API, across origins. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import request from 'supertest';
import { DocsServer } from '../../infra/local/docs/docs-server.ts';
import { checkAccessibility, launchChromium, openPage, picture, withChromium } from '../harness/chromium.ts';
import { type ServedStack, type SynthesisedStack, serveStack, synthesiseStack } from '../harness/feeling-api.ts';
import { isLongForm, longOnly } from '../harness/long-form.ts';

let stack: SynthesisedStack;
let api: ServedStack;
let docs: DocsServer;
let url: string;

before(async () => {
  stack = await synthesiseStack();
  api = await serveStack(stack.directory);
  docs = await DocsServer.start(api.url, 0);
  ({ url } = docs);
});
after(async () => {
  await docs.stop();
  await api[Symbol.asyncDispose]();
  await stack[Symbol.asyncDispose]();
});

/** What the reference has of the operation. */
const feelingIn = (page: Page) => page.locator('#operations-Feelings-feeling');

describe('the reference', { ...withChromium, ...longOnly }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launchChromium();
  });
  after(() => browser.close());

  for (const colorScheme of isLongForm ? (['light', 'dark'] as const) : (['light'] as const)) {
    test(`tries an example out on the running API, in ${colorScheme} colours`, async () => {
      await using opened = await openPage(browser, `${url}/reference`, { colorScheme });
      const { page, errors, origins } = opened;
      const before = api.access.length;
      await feelingIn(page).getByRole('button', { name: 'Execute' }).click();
      const answer = feelingIn(page).locator('.live-responses-table .response');
      await answer.getByText('"feeling": "positive"').waitFor();
      assert.match(await answer.innerText(), /apigw-requestid: \S+=/);
      assert.deepEqual(
        api.access.slice(before).map(({ method, path, status }) => `${method} ${path} ${status}`),
        ['OPTIONS /feeling 204', 'POST /feeling 200'],
      );
      await picture(page, `reference-${colorScheme}`);
      await checkAccessibility(page, ['#reference']);
      assert.deepEqual(errors, []);
      assert.deepEqual(origins, new Set([url, api.url]));
    });
  }

  test('folds the responses that are errors, and unfolds each', longOnly, async () => {
    await using opened = await openPage(browser, `${url}/reference`, { viewport: { width: 320, height: 640 } });
    const { page } = opened;
    const refused = feelingIn(page).locator('.responses-table .response[data-code="400"]');
    assert.doesNotMatch(await refused.innerText(), /The body is not JSON/);
    await refused.getByRole('button', { name: 'The body is not valid' }).click();
    await refused.getByText('The body is not JSON').waitFor();
    await picture(page, 'reference-phone');
    const overflow = await page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth);
    assert.equal(overflow, 0);
  });

  test('shows what comes back for a body that is refused', longOnly, async () => {
    await using opened = await openPage(browser, `${url}/reference`);
    const { page } = opened;
    await feelingIn(page).locator('.body-param__text').fill('{"emoji_type":true}');
    await feelingIn(page).getByRole('button', { name: 'Execute' }).click();
    await feelingIn(page).locator('.live-responses-table').getByText('#/message').waitFor();
    await picture(page, 'reference-refused');
  });
});

describe('the server of the reference', () => {
  test('gives the contract, with the API that runs here as its server', async () => {
    const { body } = await request(url)
      .get('/openapi.json')
      .expect(200)
      .expect('content-type', /^application\/json/);
    assert.deepEqual(body.servers, [{ url: api.url, description: 'This machine' }]);
    assert.equal(body.paths['/feeling'].post.operationId, 'feeling');
  });

  test('offers to send a token only where a route requires one', async () => {
    for (const requiresToken of [false, true]) {
      const server = await DocsServer.start(api.url, 0, () => requiresToken);
      const { body } = await request(server.url).get('/openapi.json');
      await server.stop();
      assert.deepEqual(
        [Boolean(body.security), Boolean(body.components.securitySchemes)],
        [requiresToken, requiresToken],
      );
    }
  });

  test('explains each type of problem of the contract on a page of its own, and no other', async () => {
    const { body } = await request(url).get('/openapi.json');
    const types = [...new Set(JSON.stringify(body).match(/\/problems\/[\w-]+(?=")/g))];
    assert.deepEqual(types.length, 5);
    for (const type of types) {
      const { text } = await request(url)
        .get(type)
        .expect(200)
        .expect('content-type', /^text\/html/);
      assert(text.includes(`<code>${type}</code>`), text);
      assert.match(text, /<h2>What to do<\/h2>\s+<p>\S/);
      assert.doesNotMatch(text, /%[A-Z]+%|undefined/);
    }
    for (const path of ['/problems/none', '/problems/', '/problems/not-json/', '/problems/constructor']) {
      await request(url).get(path).expect(404);
    }
  });

  test('lets nothing in from elsewhere', async () => {
    for (const path of ['/', '/reference', '/page.js', '/nowhere']) {
      const { headers } = await request(url).get(path);
      assert.match(headers['content-security-policy'] ?? '', /^default-src 'none'; script-src 'self'; /);
      assert.equal(headers['x-content-type-options'], 'nosniff');
    }
  });

  test('answers nobody who calls it by another name', async () => {
    for (const path of ['/', '/page.js', '/openapi.json']) {
      await request(url).get(path).set('host', 'evil.example').expect(403);
    }
  });

  test('has nothing else, and takes nothing', async () => {
    await request(url).get('/nowhere').expect(404);
    await request(url).get('/../package.json').expect(404);
    await request(url).get('/constructor').expect(404);
    await request(url).post('/').send('x').expect(404);
    await request(url).head('/').expect(200);
  });
});
