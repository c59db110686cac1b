/** The timeline as a program reads it: what it has of requests, invocations and asynchronous events, and its bounds. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { hidden } from '../../../infra/local/timeline/hidden-credentials.ts';
import { mostOfBody } from '../../../infra/local/timeline/kept-body.ts';
import { Duration } from '../../harness/duration.ts';
import { openGate } from '../../harness/gate.ts';
import { send } from '../../harness/http-client.ts';
import { localClient } from '../../harness/lambda-client.ts';
import { changesOf, type ServedTimeline, serveTimeline } from '../../harness/served-timeline.ts';
import type { Handler } from '../../harness/test-stack.ts';

const json = { 'content-type': 'application/json' };

const echoes: Handler = (event) => {
  console.info('it has', event.body);
  return { statusCode: 201, headers: { 'x-made': 'yes' }, cookies: ['a=b'], body: event.body };
};
const fails: Handler = () => {
  console.error('soon');
  throw new RangeError('boom');
};

describe('the timeline has', () => {
  let served: ServedTimeline;
  let client: LambdaClient;
  before(async () => {
    served = await serveTimeline(
      { echoes: { code: echoes, route: 'POST /echoes' }, fails: { code: fails, hasQueues: true } },
      { runtime: { retryDelayMs: 1 } },
    );
    client = localClient(served.stack.runtime.lambdaUrl);
  });
  after(async () => {
    client.destroy();
    await served[Symbol.asyncDispose]();
  });

  test('a request: what was sent, the event, the result, the response and the log', async () => {
    const response = await send(`${served.stack.url}/echoes?a=b`, { method: 'POST', headers: json, body: '{"x":"ü"}' });
    const id = String(response.headers['apigw-requestid']);
    const detail = await served.detail(id);
    const { kind, method, path, status, cold, failed, request, event, result } = detail;
    assert.deepEqual([kind, method, path, status, cold, failed], ['http', 'POST', '/echoes', 201, true, false]);
    assert.deepEqual(request, {
      method: 'POST',
      url: '/echoes?a=b',
      headers: request?.headers ?? [],
      body: { text: '{"x":"ü"}' },
    });
    assert.equal(request?.headers.find(([name]) => name === 'content-type')?.[1], 'application/json');
    const { requestContext, rawQueryString } = JSON.parse(event?.text ?? '');
    assert.deepEqual([requestContext.requestId, rawQueryString], [id, 'a=b']);
    assert.equal(result?.failed, false);
    assert.equal(JSON.parse(result?.text ?? '').statusCode, 201);
    assert.deepEqual(detail.response?.body, { text: '{"x":"ü"}' });
    assert.deepEqual(
      detail.response?.headers.find(([name]) => name === 'x-made'),
      ['x-made', 'yes'],
    );
    assert.deepEqual(detail.log, ['INFO it has {"x":"ü"}']);
    assert.deepEqual(await served.detail(detail.requestId ?? ''), detail, 'it has both of its ids');
  });

  test('a body that is no text, in base64', async () => {
    const body = Buffer.from([0, 255, 1]);
    const { headers } = await send(`${served.stack.url}/echoes`, { method: 'POST', body });
    const { request } = await served.detail(String(headers['apigw-requestid']));
    assert.deepEqual(request?.body, { base64: body.toString('base64') });
  });

  test('a request that no function has answered', async () => {
    const { headers } = await send(`${served.stack.url}/nowhere`, { method: 'PUT' });
    const detail = await served.detail(String(headers['apigw-requestid']));
    assert.deepEqual([detail.method, detail.path, detail.status, detail.failed], ['PUT', '/nowhere', 404, true]);
    assert.deepEqual(
      [detail.event, detail.result, detail.requestId, detail.log],
      [undefined, undefined, undefined, []],
    );
    assert.deepEqual(detail.response?.body, { text: '{"message":"Not Found"}' });
  });

  test('an invocation whose function fails, with its stack trace', async () => {
    const { $metadata } = await client.send(new InvokeCommand({ FunctionName: 'fails', Payload: '{"a":1}' }));
    const detail = await served.detail($metadata.requestId ?? '');
    const { kind, operation, status, error, failed, event, result, stack, log } = detail;
    assert.deepEqual([kind, operation, status, failed], ['invoke', 'RequestResponse', 200, true]);
    assert.deepEqual([detail.function, error, event], ['fails', 'RangeError: boom', { text: '{"a":1}' }]);
    assert.equal(JSON.parse(result?.text ?? '').errorMessage, 'boom');
    assert.equal(stack?.[0], 'RangeError: boom');
    assert(stack.length > 1 && !stack.some((frame) => frame.includes('node_modules')), stack.join('\n'));
    assert.equal(log[0], 'ERROR soon');
  });

  test('an invocation that is refused', async () => {
    await assert.rejects(client.send(new InvokeCommand({ FunctionName: 'nobody' })));
    const entry = (await served.list()).entries.at(-1);
    assert.deepEqual([entry?.kind, entry?.function, entry?.status, entry?.failed], ['invoke', 'nobody', 404, true]);
    assert.equal((await served.replay(entry?.id ?? '')).status, 409);
  });

  test('an asynchronous event with its attempts, and the failed one can be sent again', async () => {
    const command = new InvokeCommand({ FunctionName: 'fails', InvocationType: 'Event', Payload: '{"b":2}' });
    const id = (await client.send(command)).$metadata.requestId ?? '';
    await served.until((entry) => entry.id === id && entry.state === 'RetriesExhausted');
    const detail = await served.detail(id);
    const { kind, attempts, failed, error, queue, tries, event, log } = detail;
    assert.deepEqual([kind, attempts, failed, error], ['event', 3, true, 'RangeError: boom']);
    assert.deepEqual([queue, event], ['fails-failures', { text: '{"b":2}' }]);
    assert.deepEqual(
      tries?.map((attempt) => [attempt.throttled, attempt.error]),
      Array(3).fill([false, 'RangeError: boom']),
    );
    assert.equal(log.filter((line) => line === 'ERROR soon').length, 3);

    const replayed = await served.replay(id);
    assert.equal(replayed.status, 200, replayed.body);
    const again = JSON.parse(replayed.body);
    assert.equal(again.status, 202);
    await served.until((entry) => entry.id === again.id && entry.state === 'RetriesExhausted' && entry.replayOf === id);
    assert.deepEqual((await served.detail(again.id)).event, { text: '{"b":2}' });
  });

  test('only what is new after a cursor', async () => {
    const { next, first, entries } = await served.list();
    assert.equal(first, entries[0]?.number);
    assert.deepEqual(await served.list(next), { entries: [], first, next });
    await send(`${served.stack.url}/later`);
    const later = await served.list(next);
    assert.deepEqual(
      later.entries.map(({ path }) => path),
      ['/later'],
    );
    const stream = changesOf(`${served.url}/requests/events`, { 'last-event-id': String(next) });
    assert.deepEqual((await stream.next()).value, later);
    await stream.return(undefined);
    // The cursor of a run whose clock was ahead.
    assert.deepEqual(await served.list(next * 2), await served.list());
    for (const after of ['x', '-1', '1.5']) {
      assert.equal((await send(`${served.url}/requests.json?after=${after}`)).status, 400, after);
    }
  });
});

test('the timeline adds the end of an invocation that came too late for its response', async () => {
  await using gate = await openGate();
  const waits: Handler = async () => {
    await (await fetch(process.env['GATE'] ?? '')).text();
    console.info('at last');
    return 'too late';
  };
  await using served = await serveTimeline({
    waits: { code: waits, integrationTimeout: Duration.millis(100), options: { environment: { GATE: gate.url } } },
  });
  const { release } = await (async () => {
    const [{ headers }, arrival] = await Promise.all([send(`${served.stack.url}/waits`), gate.arrival()]);
    const { status, result } = await served.detail(String(headers['apigw-requestid']));
    assert.deepEqual([status, result], [503, undefined]);
    return arrival;
  })();
  release();
  const { id } = await served.until(({ lateAfter }) => lateAfter !== undefined);
  const { result, log } = await served.detail(id);
  assert.deepEqual([result, log], [{ failed: false, text: '"too late"' }, ['INFO at last']]);
});

test('the timeline keeps the last entries: bounded by number and by bytes, and a long body is cut', async () => {
  const code: Handler = (event) => event.body?.length ?? 0;
  const functions = { counts: { code, route: 'POST /counts' as const } };
  await using few = await serveTimeline(functions, {}, { entries: 3 });
  for (let i = 0; i < 5; i++) await send(`${few.stack.url}/${i}`);
  const { entries, first } = await few.list();
  assert.deepEqual(
    entries.map(({ path }) => path),
    ['/2', '/3', '/4'],
  );
  assert.equal(first, entries[0]?.number);

  await using small = await serveTimeline(functions, {}, { bytes: 3 * mostOfBody });
  const post = async (length: number) => {
    const { headers } = await send(`${small.stack.url}/counts`, {
      method: 'POST',
      headers: json,
      body: 'x'.repeat(length),
    });
    return String(headers['apigw-requestid']);
  };
  const ids = [];
  for (let i = 0; i < 5; i++) ids.push(await post(mostOfBody * 0.9));
  assert.deepEqual(
    (await small.list()).entries.map(({ id }) => id),
    ids.slice(-3),
  );
  assert.equal((await send(`${small.url}/requests/${encodeURIComponent(ids[0] ?? '')}.json`)).status, 404);

  const long = await small.detail(await post(2 * mostOfBody));
  assert((long.event?.omitted ?? 0) > mostOfBody, 'it says how much is missing');
  assert.match(long.replayRefused ?? '', /Only the first 1,048,576 bytes/);
  assert.equal((await small.replay(long.id)).status, 409);
});

test('the timeline hides credentials, and sends them again', async () => {
  const code: Handler = ({ headers, cookies }) => [headers['authorization'], cookies, headers['x-note']];
  await using served = await serveTimeline({ tells: { code } });
  const headers = { authorization: 'Bearer secret-1', cookie: 'session=secret-2', 'x-note': 'plain' };
  const response = await send(`${served.stack.url}/tells`, { headers });
  assert.deepEqual(JSON.parse(response.body), ['Bearer secret-1', ['session=secret-2'], 'plain']);
  const { id = '' } = (await served.list()).entries[0] ?? {};
  const { request, event, commands } = await served.detail(id);
  assert.doesNotMatch(JSON.stringify([request, event, commands]), /secret-/);
  assert(request?.headers.some(([name, value]) => name === 'authorization' && value === hidden));
  assert.match(commands.curl ?? '', / -H "authorization: \$AUTHORIZATION" /);

  for (const edits of [
    {},
    { headers: request?.headers.map(([name, value]) => [name, value.replace('plain', 'new')]) },
  ]) {
    const { id: again } = JSON.parse((await served.replay(id, edits)).body);
    const { result } = await served.detail(again);
    const note = 'headers' in edits ? 'new' : 'plain';
    assert.deepEqual(JSON.parse(result?.text ?? ''), ['Bearer secret-1', ['session=secret-2'], note]);
  }
});
