/** The event that a function gets: payload format 2.0 (PLATFORM_FACTS 1.1, 1.2). */
import assert from 'node:assert/strict';
import type { OutgoingHttpHeaders } from 'node:http';
import { after, describe, test } from 'node:test';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { send, sendBytes } from '../../harness/http-client.ts';
import { type Handler, serve } from '../../harness/test-stack.ts';

const echo: Handler = (event) => event;
const stack = await serve({
  get: { code: echo, route: 'GET /echo' },
  post: { code: echo, route: 'POST /echo' },
});
after(() => stack[Symbol.asyncDispose]());

interface Sent {
  method?: string;
  target?: string;
  headers?: OutgoingHttpHeaders;
  body?: Buffer | string;
}

async function eventOf({ target = '/echo', ...rest }: Sent): Promise<APIGatewayProxyEventV2> {
  const { status, body } = await send(`${stack.url}${target}`, rest);
  assert.equal(status, 200, body);
  return JSON.parse(body);
}

/** The event of a plain `GET /echo`, with a fixed value in the place of each that is never the same. */
function plain(url: string): APIGatewayProxyEventV2 {
  const { host } = new URL(url);
  return {
    version: '2.0',
    routeKey: 'GET /echo',
    rawPath: '/echo',
    rawQueryString: '',
    headers: {
      host,
      'x-amzn-trace-id': '<trace>',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
    },
    requestContext: {
      accountId: '000000000000',
      apiId: stack.runtime.assembly.api.id,
      domainName: '127.0.0.1',
      domainPrefix: '127',
      http: { method: 'GET', path: '/echo', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: '' },
      requestId: '<request>',
      routeKey: 'GET /echo',
      stage: '$default',
      time: '<time>',
      timeEpoch: 0,
    },
    isBase64Encoded: false,
  };
}

function withoutVariables(event: APIGatewayProxyEventV2): APIGatewayProxyEventV2 {
  const { requestContext, headers } = event;
  return {
    ...event,
    headers: { ...headers, 'x-amzn-trace-id': '<trace>' },
    requestContext: { ...requestContext, requestId: '<request>', time: '<time>', timeEpoch: 0 },
  };
}

describe('the event of a request', () => {
  const base = plain(stack.url);
  const post: APIGatewayProxyEventV2 = {
    ...base,
    routeKey: 'POST /echo',
    headers: { ...base.headers, 'content-length': '0' },
    requestContext: {
      ...base.requestContext,
      routeKey: 'POST /echo',
      http: { ...base.requestContext.http, method: 'POST' },
    },
  };

  const cases: { sent: string; request: Sent; event: APIGatewayProxyEventV2 }[] = [
    { sent: 'nothing but a path', request: {}, event: base },
    { sent: 'an empty query', request: { target: '/echo?' }, event: base },
    {
      sent: 'a query with a name given twice, percent-encodings, a plus, an empty value and no value',
      request: { target: '/echo?a=1&a=2&%C3%BC=%26%3D%20&plus=x+y&empty=&alone&__proto__=p' },
      event: {
        ...base,
        rawQueryString: 'a=1&a=2&%C3%BC=%26%3D%20&plus=x+y&empty=&alone&__proto__=p',
        queryStringParameters: JSON.parse(
          '{ "a": "1,2", "ü": "&= ", "plus": "x y", "empty": "", "alone": "", "__proto__": "p" }',
        ),
      },
    },
    {
      sent: 'cookies',
      request: { headers: { cookie: 'a=1; b="2;c=3' } },
      event: { ...base, cookies: ['a=1', 'b="2', 'c=3'] },
    },
    {
      sent: 'a header twice',
      request: { headers: { 'X-Many': ['1', '2'], 'User-Agent': 'test' } },
      event: {
        ...base,
        headers: { ...base.headers, 'x-many': '1,2', 'user-agent': 'test' },
        requestContext: { ...base.requestContext, http: { ...base.requestContext.http, userAgent: 'test' } },
      },
    },
    {
      sent: 'headers of its connection',
      request: { headers: { te: 'trailers', 'keep-alive': 'timeout=5', 'proxy-connection': 'keep-alive' } },
      event: base,
    },
    {
      sent: 'where it was forwarded from',
      request: { headers: { 'x-forwarded-for': '192.0.2.1', 'x-forwarded-port': '80', 'x-forwarded-proto': 'http' } },
      event: { ...base, headers: { ...base.headers, 'x-forwarded-for': '192.0.2.1, 127.0.0.1' } },
    },
    {
      sent: 'another host',
      request: { headers: { host: 'api.example.com:8080' } },
      event: {
        ...base,
        headers: { ...base.headers, host: 'api.example.com:8080' },
        requestContext: { ...base.requestContext, domainName: 'api.example.com', domainPrefix: 'api' },
      },
    },
    {
      sent: 'a percent-encoded path',
      request: { target: '/%65cho' },
      event: base,
    },
    {
      sent: 'POST without a body',
      request: { method: 'POST', headers: { 'content-length': '0', 'content-type': 'application/octet-stream' } },
      event: { ...post, headers: { ...post.headers, 'content-type': 'application/octet-stream' } },
    },
    {
      sent: 'POST with a body',
      request: { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"ü": "😀"}\n' },
      event: {
        ...post,
        headers: { ...post.headers, 'content-length': '15', 'content-type': 'application/json' },
        body: '{"ü": "😀"}\n',
      },
    },
    {
      sent: 'POST with a body in chunks',
      request: {
        method: 'POST',
        headers: { 'content-type': 'text/plain', 'transfer-encoding': 'chunked' },
        body: 'in chunks',
      },
      event: {
        ...post,
        headers: { ...post.headers, 'content-length': '9', 'content-type': 'text/plain' },
        body: 'in chunks',
      },
    },
  ];
  for (const { sent, request, event } of cases) {
    test(`that sends ${sent}`, async () => {
      assert.deepEqual(withoutVariables(await eventOf(request)), event);
    });
  }

  test('has no member that is null', async () => {
    const { body } = await send(`${stack.url}/echo`);
    assert.doesNotMatch(body, /null/);
  });

  test('that sends its whole URL as its target', async () => {
    const { host } = new URL(stack.url);
    const answer = await sendBytes(
      stack.url,
      `GET http://${host}/echo?a=1 HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    );
    const event = withoutVariables(JSON.parse(answer.slice(answer.indexOf('{'))));
    assert.deepEqual(event, { ...base, rawQueryString: 'a=1', queryStringParameters: { a: '1' } });
  });

  test('carries its time and its id', async () => {
    const { status, headers, body } = await send(`${stack.url}/echo`);
    const { requestContext }: APIGatewayProxyEventV2 = JSON.parse(body);
    assert.equal(status, 200);
    assert.match(requestContext.requestId, /^[A-Za-z0-9+/]{15}=$/);
    assert.equal(headers['apigw-requestid'], requestContext.requestId);
    assert.match(requestContext.time, /^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
    const [, day, month, year, time] = /^(\d\d)\/(\w{3})\/(\d{4}):(\S+)/.exec(requestContext.time) ?? [];
    assert.equal(
      Date.parse(`${day} ${month} ${year} ${time} GMT`),
      Math.floor(requestContext.timeEpoch / 1000) * 1000,
      'both tell the same time',
    );
  });

  test('carries a trace: its own, or the one that it came with', async () => {
    assert.match((await eventOf({})).headers['x-amzn-trace-id'] ?? '', /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
    const given = 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1';
    const { headers } = await eventOf({ headers: { 'x-amzn-trace-id': given } });
    assert.equal(headers['x-amzn-trace-id'], given);
  });
});

describe('a body of content type', () => {
  const table: [contentType: string | undefined, isBase64Encoded: boolean][] = [
    ['application/json', false],
    ['application/xml', false],
    ['application/javascript', false],
    ['text/plain', false],
    ['text/html', false],
    ['text/csv', false],
    ['Application/JSON', false],
    ['application/json; charset=utf-8', false],
    ['application/json;charset=UTF-8', false],
    ['text/plain; charset="utf-8"', false],
    ['text/plain; format=flowed', false],
    ['text/plain; charset=iso-8859-1', true],
    ['application/json; charset=utf-16', true],
    [undefined, true],
    ['application/x-www-form-urlencoded', true],
    ['multipart/form-data; boundary=x', true],
    ['application/octet-stream', true],
    ['application/pdf', true],
    ['application/zip', true],
    ['image/png', true],
    ['made/up', true],
    ['application/problem+json', true],
    ['application/vnd.x+json', true],
    ['application/jsonp', true],
  ];
  for (const [contentType, isBase64Encoded] of table) {
    test(`${contentType ?? '(none)'} comes ${isBase64Encoded ? 'in base64' : 'as it is'}`, async () => {
      const headers = contentType === undefined ? {} : { 'content-type': contentType };
      const event = await eventOf({ method: 'POST', headers, body: 'grüße' });
      assert.equal(event.isBase64Encoded, isBase64Encoded);
      assert.equal(event.body, isBase64Encoded ? 'Z3LDvMOfZQ==' : 'grüße');
    });
  }

  test('application/octet-stream keeps every byte', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const { body = '' } = await eventOf({ method: 'POST', body: bytes });
    assert.deepEqual(Buffer.from(body, 'base64'), bytes);
  });

  test('text/plain that is not UTF-8 comes with replacement characters', async () => {
    const headers = { 'content-type': 'text/plain' };
    const { body } = await eventOf({ method: 'POST', headers, body: Buffer.from([0x61, 0xff, 0x62]) });
    assert.equal(body, 'a\ufffdb');
  });
});
