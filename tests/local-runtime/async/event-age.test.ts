/** Asynchronous events that Lambda gives up early: because of their age, or because the function may never run. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import type { EventEndReport } from '../../../infra/local/async/event-reports.ts';
import type { LocalRuntimeEvent } from '../../../infra/local/runtime-event.ts';
import { Duration } from '../../harness/duration.ts';
import { openGate } from '../../harness/gate.ts';
import { localClient } from '../../harness/lambda-client.ts';
import { longOnly } from '../../harness/long-form.ts';
import { messages, serveByHand } from '../../harness/serve-by-hand.ts';
import { serve } from '../../harness/test-stack.ts';

const gate = await openGate();
after(() => gate[Symbol.asyncDispose]());
const options = { environment: { GATE: gate.url } };

const waits = async () => {
  await (await fetch(process.env['GATE'] ?? '')).text();
};
const fails = () => {
  throw new RangeError('not today');
};

for (const [maxAgeSeconds, attempts] of [
  [60, 1],
  [90, 2],
  [180, 2],
  [181, 3],
] as const) {
  const expected = { condition: attempts === 3 ? 'RetriesExhausted' : 'EventAgeExceeded', attempts };
  /** @aws 8.3: An event ends as soon as its next retry would come after its maximum age: `EventAgeExceeded`. */
  test(`a failing event with a maximum age of ${maxAgeSeconds} s has ${attempts} attempts, and is not kept until its age`, async () => {
    const maxEventAge = Duration.seconds(maxAgeSeconds);
    await using stack = await serveByHand({ fails: { code: fails, hasQueues: true, options: { maxEventAge } } });
    const end = stack.end();
    await stack.accept('fails', '{}');
    for (let attempt = 1; attempt < attempts; attempt++) {
      assert.deepEqual(await stack.clock.waiting(1), [60_000 * attempt]);
      stack.clock.advance(60_000 * attempt);
    }
    const { condition, attempts: ended } = await end;
    assert.deepEqual({ condition, attempts: ended }, expected);
    const [record = ''] = await messages(stack.runtime, 'fails-failures');
    const { requestContext, responseContext } = JSON.parse(record);
    assert.equal(requestContext.condition, expected.condition);
    assert.equal(requestContext.approximateInvokeCount, attempts);
    assert.equal(responseContext.functionError, 'Unhandled');
  });
}

test('a throttled event ends when its next attempt would come after its maximum age', async () => {
  const alone = { ...options, reservedConcurrentExecutions: 1, maxEventAge: Duration.seconds(60) };
  await using stack = await serveByHand({ alone: { code: waits, options: alone, hasQueues: true } });
  const client = localClient(stack.runtime.lambdaUrl);
  const sync = client.send(new InvokeCommand({ FunctionName: 'alone', Payload: '{}' }));
  const arrival = await gate.arrival();
  const end = stack.end();
  await stack.accept('alone', '{}');
  for (const seconds of [1, 2, 4, 8, 16]) {
    assert.deepEqual(await stack.clock.waiting(1), [seconds * 1000]);
    stack.clock.advance(seconds * 1000);
  }
  const { condition, attempts } = await end;
  assert.deepEqual({ condition, attempts }, { condition: 'EventAgeExceeded', attempts: 0 });
  arrival.release();
  await sync;
  client.destroy();
});

/** @aws 8.3: Reserved concurrency 0: the record goes to the destination at once, `ZeroReservedConcurrency`. */
test('an event for a function with reserved concurrency 0 is recorded at once as ZeroReservedConcurrency', async () => {
  const none = { code: fails, hasQueues: true, options: { reservedConcurrentExecutions: 0 } };
  await using stack = await serveByHand({ none });
  const end = stack.end();
  const id = await stack.accept('none', '{"a":1}');
  const { condition, attempts } = await end;
  assert.deepEqual({ condition, attempts }, { condition: 'ZeroReservedConcurrency', attempts: 0 });
  const [record = ''] = await messages(stack.runtime, 'none-failures');
  const { timestamp, ...rest } = JSON.parse(record);
  assert.deepEqual(rest, {
    version: '1.0',
    requestContext: {
      requestId: id,
      functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:none:$LATEST',
      condition: 'ZeroReservedConcurrency',
      approximateInvokeCount: 0,
    },
    requestPayload: { a: 1 },
  });
});

test(
  '100 events with a maximum age of a minute, by real timers: each has one attempt, and Node warns of nothing',
  longOnly,
  async () => {
    const warnings: string[] = [];
    const warn = ({ name }: Error) => warnings.push(name);
    process.on('warning', warn);
    let left = 100;
    const ends: EventEndReport[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const report = (event: LocalRuntimeEvent) => {
      if (event.event !== 'event-ended') return;
      ends.push(event);
      if (--left === 0) resolve();
    };
    const maxEventAge = Duration.seconds(60);
    await using stack = await serve(
      { fails: { code: fails, options: { maxEventAge } } },
      { runtime: { report, retryDelayMs: 60_000 } },
    );
    const client = localClient(stack.runtime.lambdaUrl);
    const command = new InvokeCommand({ FunctionName: 'fails', Payload: '{}', InvocationType: 'Event' });
    await Promise.all(Array.from({ length: 100 }, () => client.send(command)));
    client.destroy();
    await promise;
    process.off('warning', warn);
    assert.deepEqual(
      ends.filter(({ condition, attempts }) => condition !== 'EventAgeExceeded' || attempts !== 1),
      [],
    );
    assert.deepEqual(
      warnings.filter((name) => name === 'TimeoutNegativeWarning'),
      [],
    );
  },
);
