/** Responses that the gateway makes itself (PLATFORM_FACTS 1.4, 1.5). */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { after, describe, test } from 'node:test';
import request from 'supertest';
import type { LateReport } from '../../../infra/local/http-api/http-record.ts';
import { TokenBucket } from '../../../infra/local/http-api/token-bucket.ts';
import { Duration } from '../../harness/duration.ts';
import { openGate } from '../../harness/gate.ts';
import { open, send, sendBytes } from '../../harness/http-client.ts';
import { serve } from '../../harness/test-stack.ts';
import { gatewayCases, megabytes } from './gateway.cases.ts';

const gate = await openGate();
after(() => gate[Symbol.asyncDispose]());

const stack = await serve({
  fine: { code: () => ({ fine: true }) },
  measures: { code: ({ body = '' }) => ({ length: body.length }), route: 'POST /measures' },
  waits: {
    code: async () => {
      await (await fetch(process.env['GATE'] ?? '')).text();
    },
    options: { environment: { GATE: gate.url } },
    integrationTimeout: Duration.millis(100),
  },
});
after(() => stack[Symbol.asyncDispose]());
const { host } = new URL(stack.url);

const binary = { 'content-type': 'application/octet-stream' };

/** Returns the request line and the headers of `GET /fine` in exactly so many bytes. */
function headOf(bytes: number): string {
  const head = `GET /fine HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nX-Padding: `;
  return `${head}${'x'.repeat(bytes - head.length - 2)}\r\n`;
}

describe('the gateway responds with', () => {
  for (const { when, path, status, message, ...rest } of gatewayCases) {
    test(`${status} when ${when}`, async () => {
      const response = await send(`${stack.url}${path}`, { headers: { ...binary, connection: 'keep-alive' }, ...rest });
      assert.deepEqual({ status: response.status, body: response.body }, { status, body: JSON.stringify({ message }) });
      const { date, 'apigw-requestid': requestId, ...headers } = response.headers;
      assert.notEqual(Date.parse(String(date)), Number.NaN);
      assert.match(String(requestId), /^.{15}=$/);
      assert.deepEqual(headers, {
        'content-type': 'application/json',
        'content-length': String(response.body.length),
        connection: 'keep-alive',
      });
      if (status === 503) (await gate.arrival()).release();
    });
  }

  /** @aws 1.4: HEAD on a GET route gets 404 without a body. */
  test('404 without a body to HEAD on a GET route', async () => {
    const { status, body, headers } = await send(`${stack.url}/fine`, { method: 'HEAD' });
    assert.deepEqual({ status, body }, { status: 404, body: '' });
    assert.equal(headers['content-type'], 'application/json');
  });

  /** @aws 1.5: Header names are in title case over HTTP/1.1, such as `Apigw-Requestid`. */
  test('header names in title case over HTTP/1.1', async () => {
    const response = await sendBytes(stack.url, `GET /fine HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    const names = [...response.matchAll(/^([\w-]+): /gm)].map(([, name]) => name);
    assert.deepEqual(names.toSorted(), ['Apigw-Requestid', 'Connection', 'Content-Length', 'Content-Type', 'Date']);
  });
});

describe('the gateway accepts', () => {
  test('a body whose event has almost 6 MB', async () => {
    const body = megabytes(4);
    const response = await send(`${stack.url}/measures`, { method: 'POST', headers: binary, body });
    assert.equal(response.body, JSON.stringify({ length: body.toString('base64').length }));
  });

  /** @aws 1.4: Request line and headers of more than 10,240 bytes get 431. The body is from memory. @unknown */
  test('request line and headers of 10,240 bytes, and no more', async () => {
    assert.match(await sendBytes(stack.url, `${headOf(10_240)}\r\n`), /^HTTP\/1\.1 200 OK\r\n/);
    for (const bytes of [10_241, 40_000, 100_000, 1_000_000]) {
      const response = await sendBytes(stack.url, `${headOf(bytes)}\r\n`);
      assert.match(response, /^HTTP\/1\.1 431 Request Header Fields Too Large\r\n/, `${bytes} bytes`);
      assert.match(response, /\r\nApigw-Requestid: .{15}=\r\n/);
      assert.match(response, /\r\nContent-Type: application\/json\r\n/);
      assert.match(response, /\r\n\r\n{"message":"Request Header Fields Too Large"}$/);
    }
  });

  test('one request after another on the same connection', async () => {
    const head = `GET /fine HTTP/1.1\r\nHost: ${host}\r\n`;
    const responses = await sendBytes(stack.url, `${head}\r\n${head}\r\n${head}Connection: close\r\n\r\n`);
    assert.equal(responses.match(/HTTP\/1\.1 200 OK/g)?.length, 3);
    assert.deepEqual(responses.match(/Connection: \S+/g), [
      'Connection: keep-alive',
      'Connection: keep-alive',
      'Connection: close',
    ]);
  });
});

describe('the gateway keeps serving after', () => {
  for (const bytes of [
    'NONSENSE\r\n\r\n',
    'GET /fine HTTP/9.9\r\n\r\n',
    `GET /fine HTTP/1.1\r\nHost: ${host}\r\nbad header\r\n\r\n`,
  ]) {
    test(`${JSON.stringify(bytes)}, which gets a 400`, async () => {
      const response = await sendBytes(stack.url, bytes);
      assert.match(response, /^HTTP\/1\.1 400 Bad Request\r\n/);
      assert.match(response, /\r\n\r\n{"message":"Bad Request"}$/);
      await request(stack.url).get('/fine').expect(200, { fine: true });
    });
  }

  test('a client that leaves in the middle of its request', async () => {
    const socket = await open(stack.url);
    socket.write(`POST /measures HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 10\r\n\r\nhalf`);
    socket.end();
    socket.destroy();
    await request(stack.url).get('/fine').expect(200, { fine: true });
  });

  test('a client that leaves before its response', async () => {
    const socket = await open(stack.url);
    socket.write(`GET /waits HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    const { release } = await gate.arrival();
    socket.destroy();
    release();
    await request(stack.url).get('/fine').expect(200, { fine: true });
  });
});

/** @aws 1.5: A request with an unknown `Expect` is served. @unknown */
test('a request with an unknown Expect header, which Node refuses by default, is served', async () => {
  const head = 'GET /fine HTTP/1.1\r\nHost: test\r\nExpect: nonsense\r\nConnection: close\r\n\r\n';
  const response = await sendBytes(stack.url, head);
  assert.match(response, /^HTTP\/1\.1 200 OK\r\n/);
  assert.match(response, /\r\nApigw-Requestid: /);
});

test('each response is reported with its cold start and its function error', async () => {
  const code = () => {
    throw new RangeError('boom');
  };
  await using other = await serve({ fine: { code: () => 1 }, fails: { code } });
  for (const path of ['/fine', '/fine?a=1', '/fails', '/nowhere']) await request(other.url).get(path);
  const records = other.access.map(({ milliseconds, requestId, ...record }) => {
    assert(milliseconds >= 0);
    assert.equal(requestId !== undefined, record.cold !== undefined, 'the request id is that of an invocation');
    return record;
  });
  assert.deepEqual(records, [
    { event: 'request', method: 'GET', path: '/fine', status: 200, cold: true, error: undefined },
    { event: 'request', method: 'GET', path: '/fine', status: 200, cold: false, error: undefined },
    { event: 'request', method: 'GET', path: '/fails', status: 500, cold: true, error: 'RangeError: boom' },
    { event: 'request', method: 'GET', path: '/nowhere', status: 404, cold: undefined, error: undefined },
  ]);
});

test('an invocation that outlasts the integration timeout is reported with its request and at its end', async () => {
  await using trigger = await openGate();
  const code = async () => {
    await (await fetch(process.env['GATE'] ?? '')).text();
    throw new RangeError('boom');
  };
  const late = new EventEmitter<{ late: [LateReport] }>();
  const ended = once(late, 'late');
  const waits = { code, integrationTimeout: Duration.millis(50), options: { environment: { GATE: trigger.url } } };
  await using other = await serve(
    { waits },
    { runtime: { report: (event) => event.event === 'late' && late.emit('late', event) } },
  );
  await request(other.url).get('/waits').expect(503);
  (await trigger.arrival()).release();
  const [{ milliseconds, ...record }] = await ended;
  assert(milliseconds >= 50);
  const [request503] = other.access;
  assert.deepEqual(record, {
    event: 'late',
    function: 'waits',
    requestId: request503?.requestId,
    error: 'RangeError: boom',
  });
});

describe('a throttled stage', () => {
  /** @aws 1.4: What exceeds the throttle gets 429 `{"message":"Too Many Requests"}`, without `Retry-After`. */
  test('accepts a burst on each route, then responds with 429', async () => {
    const throttle = { burstLimit: 2, rateLimit: 0.001 };
    await using throttled = await serve({ fine: { code: () => ({}) }, other: { code: () => ({}) } }, { throttle });
    const statuses = [];
    for (const path of ['/nowhere', '/fine', '/fine', '/fine', '/other', '/nowhere']) {
      statuses.push((await request(throttled.url).get(path)).status);
    }
    assert.deepEqual(statuses, [404, 200, 200, 429, 200, 404]);
    const { body, headers } = await request(throttled.url).get('/fine');
    assert.deepEqual(body, { message: 'Too Many Requests' });
    assert.equal(headers['retry-after'], undefined);
  });

  test('has a bucket that fills at its rate, up to its burst', () => {
    let now = 0;
    const bucket = new TokenBucket({ rate: 2, burst: 3 }, () => now);
    const taken = (milliseconds: number) => {
      now += milliseconds;
      let count = 0;
      while (bucket.take()) count++;
      return count;
    };
    assert.deepEqual([taken(0), taken(499), taken(1), taken(1000), taken(60_000)], [3, 0, 1, 2, 3]);
  });
});
