/** How the typed client calls: headers, time-outs, signals, redirects, endless bodies, tracing. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { describe, type TestContext, test } from 'node:test';
import { createFeelingClient, type FeelingClientOptions } from '../../shared/client.ts';

const body = { emoji_type: 0, message: 'hi' };
const baseUrl = 'http://api.example';
const feeling = { feeling: 'positive', message: 'hi' };
const ok = () => Response.json(feeling);

/** Listens on any free port until the test ends. Returns the URL. */
async function listen(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
  const address = server.address();
  assert(typeof address === 'object' && address);
  return `http://127.0.0.1:${address.port}`;
}

describe('headers', () => {
  const given: [string, FeelingClientOptions['headers']][] = [
    ['a record', { 'x-a': '1', 'x-b': ['2', '3'], 'x-c': undefined, 'x-d': 4 }],
    [
      'pairs',
      [
        ['x-a', '1'],
        ['x-b', '2'],
        ['x-b', '3'],
        ['x-d', '4'],
      ],
    ],
    [
      'Headers',
      new Headers([
        ['x-a', '1'],
        ['x-b', '2'],
        ['x-b', '3'],
        ['x-d', '4'],
      ]),
    ],
  ];
  for (const [what, headers] of given) {
    test(`${what}, of the client or of one call`, async () => {
      const seen: (string | null)[][] = [];
      const fetch = async ({ headers }: Request) => {
        seen.push(['0', 'x-a', 'x-b', 'x-d', 'content-type'].map((name) => headers.get(name)));
        return ok();
      };
      await createFeelingClient({ baseUrl, headers, fetch }).POST('/feeling', { body });
      await createFeelingClient({ baseUrl, fetch }).POST('/feeling', { body, headers });
      assert.deepEqual(seen, Array(2).fill([null, '1', '2, 3', '4', 'application/json']));
    });
  }

  test('those of a call win over those of the client', async () => {
    const fetch = async ({ headers }: Request) => Response.json({ ...feeling, message: headers.get('x-a') ?? 'none' });
    const client = createFeelingClient({ baseUrl, headers: [['x-a', 'client']], fetch });
    const message = async (headers: FeelingClientOptions['headers']) =>
      (await client.POST('/feeling', { body, headers })).data?.message;
    assert.equal(await message([['X-A', 'call']]), 'call');
    assert.equal(await message({ 'x-a': null }), 'none');
  });
});

describe('timeoutMs and retries', () => {
  for (const timeoutMs of [2 ** 31, 2 ** 32, 1e300, Infinity, 30_000.5]) {
    test(`timeoutMs ${timeoutMs} does not end a call at once, and sets no timer that overflows`, async (t) => {
      const fetch = async () => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        return ok();
      };
      const warn = (warning: Error) => assert.notEqual(warning.name, 'TimeoutOverflowWarning');
      process.on('warning', warn);
      t.after(() => process.off('warning', warn));
      assert.deepEqual(
        (await createFeelingClient({ baseUrl, timeoutMs, fetch }).POST('/feeling', { body })).data,
        feeling,
      );
    });
  }

  for (const timeoutMs of [0, 0.5, 20]) {
    test(`timeoutMs ${timeoutMs} ends a call, even if the fetch ignores its signal`, async () => {
      const client = createFeelingClient({ baseUrl, timeoutMs, fetch: () => new Promise(() => {}) });
      await assert.rejects(client.POST('/feeling', { body }), { name: 'TimeoutError' });
    });
  }

  for (const value of [-1, -Infinity, Number.NaN]) {
    for (const name of ['timeoutMs', 'retries']) {
      test(`${name} ${value} is refused when the client is created`, () => {
        const message = `createFeelingClient: ${name} is ${value}. Write a number from 0 up, or Infinity.`;
        assert.throws(() => createFeelingClient({ baseUrl, [name]: value }), { name: 'RangeError', message });
      });
    }
  }
});

describe('signal', () => {
  test('one that outlives many calls keeps nothing of them', async () => {
    const { signal } = new AbortController();
    const listeners = new Set<unknown>();
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...words: Parameters<typeof addEventListener>) => {
      listeners.add(words[1]);
      return addEventListener.apply(signal, words);
    };
    signal.removeEventListener = (...words: Parameters<typeof removeEventListener>) => {
      listeners.delete(words[1]);
      return removeEventListener.apply(signal, words);
    };
    const client = createFeelingClient({ baseUrl, fetch: async () => ok() });
    for (let i = 0; i < 20; i++) {
      const call = client.POST('/feeling', { body, signal });
      assert.equal(listeners.size, 1);
      await call;
      assert.equal(listeners.size, 0);
    }
  });

  test('gives a call up in each of its phases, with the reason', async () => {
    const never = new Promise<Response>(() => {});
    const phases: Record<string, (abort: () => void) => FeelingClientOptions['fetch']> = {
      'before it': (abort) => {
        abort();
        return () => assert.fail('sent');
      },
      'while it is sent': (abort) => () => {
        abort();
        return never;
      },
      'while it waits to retry': (abort) => async () => {
        setTimeout(abort, 5);
        return new Response(null, { status: 503, headers: { 'retry-after': '20' } });
      },
      'while the body is read': (abort) => async () =>
        new Response(new ReadableStream({ pull: abort }, { highWaterMark: 0 })),
    };
    for (const [phase, start] of Object.entries(phases)) {
      const controller = new AbortController();
      const fetch = start(() => controller.abort(new Error(phase)));
      const client = createFeelingClient({ baseUrl, ...(fetch && { fetch }) });
      await assert.rejects(client.POST('/feeling', { body, signal: controller.signal }), { message: phase });
    }
  });

  test('works without AbortSignal.any and AbortSignal.timeout', async (t) => {
    t.mock.method(AbortSignal, 'any', () => assert.fail('AbortSignal.any'));
    t.mock.method(AbortSignal, 'timeout', () => assert.fail('AbortSignal.timeout'));
    const client = createFeelingClient({ baseUrl, fetch: async () => ok() });
    assert.deepEqual((await client.POST('/feeling', { body, signal: null })).data, feeling);
  });
});

describe('a real connection', () => {
  test('an endless body ends with the call, or at 10 MB', async (t) => {
    const closed = new EventEmitter();
    const url = await listen(t, (request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const write = () => {
        while (response.write(request.headers['x-slow'] ? ' ' : ' '.repeat(65_536)) && !request.headers['x-slow']);
      };
      response.on('drain', write).on('close', () => closed.emit('closed'));
      write();
    });
    const slow = createFeelingClient({ baseUrl: url, timeoutMs: 200, headers: { 'x-slow': 'yes' } });
    let isClosed = once(closed, 'closed');
    await assert.rejects(slow.POST('/feeling', { body }), { name: 'TimeoutError' });
    await isClosed;

    isClosed = once(closed, 'closed');
    const { error } = await createFeelingClient({ baseUrl: url, timeoutMs: Infinity }).POST('/feeling', { body });
    assert(error && 'type' in error && error.type === 'unexpected-response');
    assert.match(error.message, /The body is longer than 10 MB/);
    await isClosed;
  });

  test('a body that breaks off rejects the call', async (t) => {
    const url = await listen(t, (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '40' });
      response.write('{"feeling":', () => response.destroy());
    });
    await assert.rejects(createFeelingClient({ baseUrl: url }).POST('/feeling', { body }), TypeError);
  });

  test('a redirect that keeps the method is followed, and the error says where any other led', async (t) => {
    const seen: string[] = [];
    const url = await listen(t, async (request, response) => {
      const text = String(Buffer.concat(await request.toArray()));
      seen.push(`${request.method} ${request.url} ${text}`);
      const [, status] = /^\/(30\d)/.exec(request.url ?? '') ?? [];
      if (status) return void response.writeHead(Number(status), { location: '/moved/feeling' }).end();
      response.writeHead(request.method === 'POST' ? 200 : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify(request.method === 'POST' ? feeling : { message: 'Not Found' }));
    });
    for (const status of [307, 308]) {
      const { data } = await createFeelingClient({ baseUrl: `${url}/${status}` }).POST('/feeling', { body });
      assert.deepEqual(data, feeling);
      assert.equal(seen.at(-1), `POST /moved/feeling ${JSON.stringify(body)}`);
    }
    for (const status of [301, 302, 303]) {
      const { error } = await createFeelingClient({ baseUrl: `${url}/${status}` }).POST('/feeling', { body });
      assert(error && 'type' in error && error.type === 'unexpected-response');
      assert(error.message.includes(`The request was redirected to ${url}/moved/feeling`), error.message);
    }
    const client = createFeelingClient({ baseUrl: `${url}/302` });
    const { error } = await client.POST('/feeling', { body, redirect: 'manual' });
    assert(error && 'type' in error && error.type === 'unexpected-response');
    assert.match(error.message, /status 302\. It redirects to \/moved\/feeling\./);
  });

  test('a global fetch that a tracing library replaces sends its headers, and calls can still be aborted', async (t) => {
    const seen: (string | undefined)[][] = [];
    let abort = () => {};
    const url = await listen(t, (request, response) => {
      seen.push([request.headers['traceparent']?.toString(), request.headers['content-type']]);
      if (seen.length % 2 === 1) response.end(JSON.stringify(feeling));
      else abort();
    });
    const original = globalThis.fetch;
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const wrappers: Record<string, typeof fetch> = {
      'adds to the headers of init': (input, init) =>
        original(input, { ...init, headers: { ...init?.headers, traceparent } }),
      'passes on the request alone': (input) => {
        if (input instanceof Request) input.headers.set('traceparent', traceparent);
        return original(input);
      },
    };
    for (const wrapper of Object.values(wrappers)) {
      const client = createFeelingClient({ baseUrl: url });
      const mock = t.mock.method(globalThis, 'fetch', wrapper);
      assert.deepEqual((await client.POST('/feeling', { body })).data, feeling);
      const controller = new AbortController();
      abort = () => controller.abort(new Error('enough'));
      const call = client.POST('/feeling', { body, signal: controller.signal });
      await assert.rejects(call, { message: 'enough' });
      mock.mock.restore();
    }
    assert.deepEqual(seen, Array(4).fill([traceparent, 'application/json']));
  });
});
