/** The event of a request: payload format 2.0 (PLATFORM_FACTS 1.1, 1.2). */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { send, sendBytes } from '../../harness/http-client.ts';
import { type Handler, serve } from '../../harness/test-stack.ts';
import { contentTypes, eventCases, type SentRequest } from './request-event.cases.ts';

const echo: Handler = (event) => event;
const stack = await serve({
  get: { code: echo, route: 'GET /echo' },
  post: { code: echo, route: 'POST /echo' },
});
after(() => stack[Symbol.asyncDispose]());

async function eventOf({ target = '/echo', ...rest }: SentRequest): Promise<APIGatewayProxyEventV2> {
  const { status, body } = await send(`${stack.url}${target}`, rest);
  assert.equal(status, 200, body);
  return JSON.parse(body);
}

/** Returns the event of a plain `GET /echo`, with fixed values for those that change. */
function plain(url: string): APIGatewayProxyEventV2 {
  const { host } = new URL(url);
  return {
    version: '2.0',
    routeKey: 'GET /echo',
    rawPath: '/echo',
    rawQueryString: '',
    headers: {
      'content-length': '0',
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
  for (const { sent, request, event } of eventCases(base)) {
    test(`that sends ${sent}`, async () => {
      assert.deepEqual(withoutVariables(await eventOf(request)), event);
    });
  }

  test('has no member that is null', async () => {
    const { body } = await send(`${stack.url}/echo`);
    assert.doesNotMatch(body, /null/);
  });

  test('with a whole URL as its target', async () => {
    const { host } = new URL(stack.url);
    const response = await sendBytes(
      stack.url,
      `GET http://${host}/echo?a=1 HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    );
    const event = withoutVariables(JSON.parse(response.slice(response.indexOf('{'))));
    assert.deepEqual(event, { ...base, rawQueryString: 'a=1', queryStringParameters: { a: '1' } });
  });

  /** @aws 1.1: `time` is in the common log format, `timeEpoch` in milliseconds. */
  test('has a time and a request id', async () => {
    const { status, headers, body } = await send(`${stack.url}/echo`);
    const { requestContext }: APIGatewayProxyEventV2 = JSON.parse(body);
    assert.equal(status, 200);
    assert.match(requestContext.requestId, /^[A-Za-z0-9_-]{15}=$/);
    assert.equal(headers['apigw-requestid'], requestContext.requestId);
    assert.match(requestContext.time, /^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
    const [, day, month, year, time] = /^(\d\d)\/(\w{3})\/(\d{4}):(\S+)/.exec(requestContext.time) ?? [];
    assert.equal(Date.parse(`${day} ${month} ${year} ${time} GMT`), Math.floor(requestContext.timeEpoch / 1000) * 1000);
  });

  /** @aws 1.1: A request id is 15 characters of base64url and `=`, also in `apigw-requestid`. */
  test('has a request id of base64url, in every one of a hundred', async () => {
    const ids = await Promise.all(
      Array.from({ length: 100 }, async () => (await send(`${stack.url}/nowhere`)).headers['apigw-requestid']),
    );
    for (const id of ids) assert.match(String(id), /^[A-Za-z0-9_-]{15}=$/);
    assert.equal(new Set(ids).size, ids.length);
  });

  /** @aws 1.1: `x-amzn-trace-id` is new, or that of the request. */
  test('has a new trace id, or that of the request', async () => {
    assert.match((await eventOf({})).headers['x-amzn-trace-id'] ?? '', /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
    const given = 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1';
    const { headers } = await eventOf({ headers: { 'x-amzn-trace-id': given } });
    assert.equal(headers['x-amzn-trace-id'], given);
  });
});

describe('a body of content type', () => {
  for (const [contentType, isBase64Encoded] of contentTypes) {
    /** @aws 1.2: `text/*`, JSON, XML and JavaScript in UTF-8 arrive as text, everything else in base64. */
    test(`${contentType ?? '(none)'} arrives ${isBase64Encoded ? 'in base64' : 'as text'}`, async () => {
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

  /** @aws 1.2: Bytes that are not UTF-8 in a text become U+FFFD. @unknown */
  test('text/plain with bytes that are not UTF-8 arrives with replacement characters', async () => {
    const headers = { 'content-type': 'text/plain' };
    const { body } = await eventOf({ method: 'POST', headers, body: Buffer.from([0x61, 0xff, 0x62]) });
    assert.equal(body, 'a\ufffdb');
  });
});
