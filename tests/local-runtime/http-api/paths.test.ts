/** How API Gateway decodes the path of a request (PLATFORM_FACTS 1.1, measured: hotsock/voker). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { send } from '../../harness/http-client.ts';
import { type Handler, serve } from '../../harness/test-stack.ts';

const echo: Handler = ({ rawPath, rawQueryString, requestContext }) => ({
  rawPath,
  rawQueryString,
  path: requestContext.http.path,
});
const stack = await serve({
  plain: { code: echo, route: 'GET /a/question' },
  slash: { code: echo, route: 'GET /a/literal/value' },
  mark: { code: echo, route: 'GET /a/literal?value' },
  percent: { code: echo, route: 'GET /a/literal%value' },
  space: { code: echo, route: 'GET /a/space value' },
  hash: { code: echo, route: 'GET /a/hash#value' },
  unicode: { code: echo, route: 'GET /a/unicode-λ-世界' },
});
after(() => stack[Symbol.asyncDispose]());

const query = 'marker=a%3Fb%25c%23d&repeat=%252F';

const decoded: [sent: string, rawPath: string][] = [
  ['/a/question', '/a/question'],
  ['/a/question%3Fvalue', '/a/question'],
  ['/a/question%3fvalue%3Fmore', '/a/question'],
  ['/a/question%3F%25', '/a/question'],
  ['/a/literal%2Fvalue', '/a/literal/value'],
  ['/a/literal%252Fvalue', '/a/literal/value'],
  ['/a%2Fliteral%252fvalue', '/a/literal/value'],
  ['/a/literal%253Fvalue', '/a/literal?value'],
  ['/a/literal%2525value', '/a/literal%value'],
  ['/a/space%20value', '/a/space value'],
  ['/a/space%2520value', '/a/space value'],
  ['/a/hash%23value', '/a/hash#value'],
  ['/a/unicode-%CE%BB-%E4%B8%96%E7%95%8C', '/a/unicode-λ-世界'],
  ['/a/unicode-%25CE%25BB-%E4%B8%96%E7%95%8C', '/a/unicode-λ-世界'],
];
for (const [sent, rawPath] of decoded) {
  /** @aws 1.1: A path is decoded twice, and cut at a `?` that the first decoding brings out. */
  test(`the path ${sent} reaches the function as ${rawPath}`, async () => {
    for (const rawQueryString of ['', query]) {
      const { status, body } = await send(`${stack.url}${sent}${rawQueryString && `?${rawQueryString}`}`);
      assert.equal(status, 200, body);
      assert.deepEqual(JSON.parse(body), { rawPath, rawQueryString, path: rawPath });
    }
  });
}

const undecodable = [
  '/a/percent%25done',
  '/a/percent%25',
  '/a/percent%',
  '/a/%zz',
  '/a/%2',
  '/a/question%25zz',
  '/%25',
  '/a/question%252',
];
for (const sent of undecodable) {
  test(`the path ${sent} with a lone percent sign is refused with 400 and invokes nothing`, async () => {
    stack.access.splice(0);
    const { status, body } = await send(`${stack.url}${sent}`);
    assert.deepEqual({ status, body }, { status: 400, body: '{"message":"Bad Request"}' });
    const [{ path, requestId } = {}] = stack.access;
    assert.deepEqual({ path, requestId }, { path: sent, requestId: undefined });
  });
}
