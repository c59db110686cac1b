/** The local runtime stops, and leaves nothing behind. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import request from 'supertest';
import { LocalRuntime } from '../../infra/local/local-runtime.ts';
import type { LocalRuntimeEvent } from '../../infra/local/runtime-event.ts';
import { openGate } from '../harness/gate.ts';
import { open, send } from '../harness/http-client.ts';
import { isAlive, synthesise } from '../harness/test-stack.ts';

const gate = await openGate();
after(() => gate[Symbol.asyncDispose]());

const stack = await synthesise({
  tells: { code: () => process.pid },
  waits: {
    code: async () => {
      await (await fetch(`${process.env['GATE']}?pid=${process.pid}`)).text();
      return 'x'.repeat(5_000_000);
    },
    options: { environment: { GATE: gate.url } },
  },
});
after(() => stack[Symbol.asyncDispose]());

/** Serves the stack until `stop` is called or the test ends. */
async function start(port = 0, report: (event: LocalRuntimeEvent) => void = () => {}) {
  const options = { port, maxEnvironments: 2, report };
  const runtime = await LocalRuntime.start(stack.directory, options);
  let stopped: Promise<unknown> | undefined;
  async function stop(): Promise<void> {
    stopped ??= runtime.stop();
    await stopped;
  }
  return { url: runtime.url, kill: () => runtime.kill(), stop, [Symbol.asyncDispose]: stop };
}

test('a stop answers requests in flight, accepts no more, and leaves no process', async () => {
  await using runtime = await start();
  const { body: idlePid } = await request(runtime.url).get('/tells').expect(200);
  const inFlight = send(`${runtime.url}/waits`, { headers: { connection: 'keep-alive' } });
  const { pid: busyPid, release } = await gate.arrival();
  assert.deepEqual([isAlive(idlePid), isAlive(busyPid)], [true, true]);

  const stopped = runtime.stop();
  await assert.rejects(open(runtime.url), { code: 'ECONNREFUSED' });
  release();
  const { status, headers, body } = await inFlight;
  assert.deepEqual({ status, length: body.length }, { status: 200, length: 5_000_000 });
  assert.equal(headers['connection'], 'close');
  await stopped;
  assert.deepEqual([isAlive(idlePid), isAlive(busyPid)], [false, false]);
});

test('a stop without any request ends at once', async () => {
  await using runtime = await start();
  await runtime.stop();
});

test('a stop closes connections without a complete request', async () => {
  await using runtime = await start();
  const silent = await open(runtime.url);
  const half = await open(runtime.url);
  half.write('POST /tells HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\nhalf');
  const kept = await open(runtime.url);
  kept.write('GET /nowhere HTTP/1.1\r\nHost: test\r\n\r\n');
  await once(kept, 'data');
  const closed = [silent, half, kept].map((socket) => {
    socket.on('error', () => {}).resume();
    return once(socket, 'close');
  });
  await runtime.stop();
  await Promise.all(closed);
});

test('a stop answers a request whose end arrives during the stop', async () => {
  await using runtime = await start();
  const inFlight = send(`${runtime.url}/waits`);
  const arrival = await gate.arrival();
  const late = await open(runtime.url);
  // The response to the first request shows that the start of the second has arrived.
  late.write(
    'GET /nowhere HTTP/1.1\r\nHost: test\r\n\r\nGET /waits HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\nha',
  );
  await once(late, 'data');
  const stopped = runtime.stop();
  late.write('lf');
  const lateArrival = await gate.arrival();
  arrival.release();
  assert.equal((await inFlight).status, 200);
  lateArrival.release();
  assert.match(await text(late), /^HTTP\/1\.1 200 OK\r\n/);
  await stopped;
});

test('a stop waits until pipelined responses are read in full', async () => {
  let left = 2;
  const { promise: answered, resolve } = Promise.withResolvers<void>();
  await using runtime = await start(0, ({ event }) => {
    if (event === 'request' && --left === 0) resolve();
  });
  const reader = (await open(runtime.url)).pause();
  reader.write('GET /waits HTTP/1.1\r\nHost: test\r\n\r\n'.repeat(2));
  for (let n = 0; n < 2; n++) (await gate.arrival()).release();
  await answered;
  const stopped = runtime.stop();
  const responses = await text(reader);
  assert.equal(responses.match(/HTTP\/1\.1 200 OK/g)?.length, 2);
  assert.equal(responses.match(/x{5000000}/g)?.length, 2);
  await stopped;
});

test('a kill ends every process at once', async () => {
  await using runtime = await start();
  const inFlight = request(runtime.url).get('/waits').then();
  const { gone } = await gate.arrival();
  runtime.kill();
  await gone;
  assert.equal((await inFlight).status, 500);
});

test('a start on a taken port fails with EADDRINUSE', async () => {
  await using runtime = await start();
  const port = Number(new URL(runtime.url).port);
  await assert.rejects(start(port), { code: 'EADDRINUSE', port });
  await runtime.stop();
  await using next = await start(port);
  assert.equal(next.url, runtime.url);
});
