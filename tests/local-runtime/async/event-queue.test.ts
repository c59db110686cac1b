/** Asynchronous events: retried, recorded, and never lost. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { Destination, type QueuedRecord } from '../../../infra/local/async/destination.ts';
import { openGate } from '../../harness/gate.ts';
import { localClient } from '../../harness/lambda-client.ts';
import { messages, serveByHand } from '../../harness/serve-by-hand.ts';

const gate = await openGate();
after(() => gate[Symbol.asyncDispose]());
const options = { environment: { GATE: gate.url } };

const waits = async (event: unknown) => {
  await (await fetch(`${process.env['GATE']}?pid=${process.pid}`)).text();
  return event;
};
const fails = () => {
  throw new RangeError('not today');
};

describe('a failing event', () => {
  /** @aws 3.4: A failing event is retried after one minute and after two, and its record goes to the destination. */
  test("a failing event has three attempts, and its record is Lambda's, byte by byte", async () => {
    await using stack = await serveByHand({ fails: { code: fails, hasQueues: true } });
    const id = await stack.accept('fails', '{"emoji_type": 1.0,\n "message":"é🎉"}');
    assert.deepEqual(await stack.clock.waiting(1), [60_000]);
    stack.clock.advance(60_000);
    assert.deepEqual(await stack.clock.waiting(1), [120_000]);
    const end = stack.end();
    stack.clock.advance(120_000);
    const expected = {
      event: 'event-ended',
      function: 'fails',
      condition: 'RetriesExhausted',
      attempts: 3,
      queue: 'fails-failures',
    };
    assert.deepEqual(await end, { ...expected, requestId: id });

    const [record, ...more] = await messages(stack.runtime, 'fails-failures');
    assert.deepEqual(more, []);
    const { responsePayload } = JSON.parse(record ?? '');
    assert.equal(responsePayload.errorType, 'RangeError');
    assert.equal(
      record,
      '{"version":"1.0","timestamp":"2026-01-01T00:03:00.000Z","requestContext":{' +
        `"requestId":"${id}","functionArn":"arn:aws:lambda:us-east-1:000000000000:function:fails:$LATEST",` +
        '"condition":"RetriesExhausted","approximateInvokeCount":3},' +
        '"requestPayload":{"emoji_type": 1.0,  "message":"é🎉"},' +
        '"responseContext":{"statusCode":200,"executedVersion":"$LATEST","functionError":"Unhandled"},' +
        `"responsePayload":${JSON.stringify(responsePayload)}}`,
    );
    assert.equal(stack.log.filter(({ requestId }) => requestId === id).length, 3);
  });

  /** @aws 3.4: `MaximumRetryAttempts` sets the retries. */
  test('a failing event has as many attempts as the template says', async () => {
    await using stack = await serveByHand({ fails: { code: fails, hasQueues: true, options: { retryAttempts: 0 } } });
    const end = stack.end();
    await stack.accept('fails', '{}');
    assert.equal((await end).attempts, 1);
    const [record] = await messages(stack.runtime, 'fails-failures');
    assert.equal(JSON.parse(record ?? '').requestContext.approximateInvokeCount, 1);
  });

  test('a failing event is dropped and reported if the template has no destination', async () => {
    await using stack = await serveByHand({ fails: { code: fails, options: { retryAttempts: 0 } } });
    const end = stack.end();
    await stack.accept('fails', '{}');
    const { condition, queue } = await end;
    assert.equal(condition, 'RetriesExhausted');
    assert.equal(queue, undefined);
  });
});

/** @aws 3.4: A result goes to the on-success destination. */
test('the result of an event is recorded if the template has a destination for it', async () => {
  await using stack = await serveByHand({ echo: { code: (event) => event, hasQueues: true } });
  const id = await stack.accept('echo', '{"a":[1]}');
  await stack.runtime.stop();
  const [record] = await messages(stack.runtime, 'echo-results');
  const { requestContext, requestPayload, responseContext, responsePayload } = JSON.parse(record ?? '');
  assert.equal(requestContext.requestId, id);
  assert.equal(requestContext.condition, 'Success');
  assert.deepEqual(requestPayload, { a: [1] });
  assert.deepEqual(responseContext, { statusCode: 200, executedVersion: '$LATEST' });
  assert.deepEqual(responsePayload, { a: [1] });
});

test('an event whose environment is killed is retried', async () => {
  await using stack = await serveByHand({ waits: { code: waits, options, hasQueues: true } });
  await stack.accept('waits', '{"n":1}');
  process.kill((await gate.arrival()).pid, 'SIGKILL');
  await stack.clock.waiting(1);
  stack.clock.advance(60_000);
  (await gate.arrival()).release();
  await stack.runtime.stop();
  const [record] = await messages(stack.runtime, 'waits-results');
  const { requestContext, responsePayload } = JSON.parse(record ?? '');
  assert.equal(requestContext.approximateInvokeCount, 2);
  assert.deepEqual(responsePayload, { n: 1 });
});

/** @aws 3.4: A throttled event is retried with backoff, from a second to five minutes, and that is no attempt. */
test('an event that is throttled backs off, which does not count as an attempt', async () => {
  const alone = { code: waits, options: { ...options, reservedConcurrentExecutions: 1 }, hasQueues: true };
  await using stack = await serveByHand({ alone });
  const client = localClient(stack.runtime.lambdaUrl);
  const sync = client.send(new InvokeCommand({ FunctionName: 'alone', Payload: '{}' }));
  const arrival = await gate.arrival();
  await stack.accept('alone', '{}');
  assert.deepEqual(await stack.clock.waiting(1), [1000]);
  stack.clock.advance(1000);
  assert.deepEqual(await stack.clock.waiting(1), [2000]);
  arrival.release();
  await sync;
  client.destroy();
  stack.clock.advance(2000);
  (await gate.arrival()).release();
  await stack.runtime.stop();
  const [record] = await messages(stack.runtime, 'alone-results');
  assert.equal(JSON.parse(record ?? '').requestContext.approximateInvokeCount, 1);
});

describe('stopping', () => {
  test('a stop waits for running events, and records those that wait for a retry', async () => {
    await using stack = await serveByHand({
      fails: { code: fails, hasQueues: true },
      failsToo: { code: fails },
      waits: { code: waits, options, hasQueues: true },
    });
    await stack.accept('fails', '{"a":1}');
    await stack.accept('failsToo', '{"b":1}');
    await stack.accept('waits', '{"c":1}');
    await stack.clock.waiting(2);
    const arrival = await gate.arrival();
    const stopped = stack.runtime.stop();
    arrival.release();
    assert.deepEqual(await stopped, []);

    const kept = async (name: string) => {
      const [record = '', ...more] = await messages(stack.runtime, name);
      assert.deepEqual(more, []);
      const { requestContext, requestPayload } = JSON.parse(record);
      return [requestContext.condition, requestPayload];
    };
    assert.deepEqual(await kept('fails-failures'), ['RuntimeStopped', { a: 1 }]);
    assert.deepEqual(await kept('failsToo-undelivered'), ['RuntimeStopped', { b: 1 }]);
    assert.deepEqual(await kept('waits-results'), ['Success', { c: 1 }]);
  });

  test('a stop returns the records that cannot be written', async () => {
    const blocked = import.meta.filename;
    const code = { fails: { code: fails, hasQueues: true, options: { retryAttempts: 0 } } };
    await using stack = await serveByHand(code, { queueDirectory: blocked });
    const end = stack.end();
    const id = await stack.accept('fails', '{}');
    await end;
    const [record = '', ...more] = await stack.runtime.stop();
    assert.deepEqual(more, []);
    assert.equal(JSON.parse(record).requestContext.requestId, id);
  });
});

test('a stop writes 40 events of 1 MB in batches, and records each once', async (t) => {
  await using stack = await serveByHand({ waits: { code: waits, options, hasQueues: true } }, { maxEnvironments: 1 });
  await stack.accept('waits', '{"n":0}');
  const { release } = await gate.arrival();
  const padding = 'x'.repeat(1_000_000);
  for (let n = 1; n <= 40; n++) await stack.accept('waits', JSON.stringify({ n, padding }));
  // The records that are in memory at a time.
  let waiting = 0;
  let most = 0;
  const { add, flush } = Destination.prototype;
  t.mock.method(Destination.prototype, 'add', function (this: Destination, record: QueuedRecord) {
    most = Math.max(most, ++waiting);
    return add.call(this, record);
  });
  t.mock.method(Destination.prototype, 'flush', async function (this: Destination) {
    await flush.call(this);
    waiting = 0;
  });
  const stopped = stack.runtime.stop();
  release();
  assert.deepEqual(await stopped, []);
  assert(most <= 2, `${most} records at a time`);
  const numbers = (await messages(stack.runtime, 'waits-failures')).map(
    (record) => JSON.parse(record).requestPayload.n,
  );
  assert.deepEqual(
    numbers,
    Array.from({ length: 40 }, (_, n) => n + 1),
  );
});
