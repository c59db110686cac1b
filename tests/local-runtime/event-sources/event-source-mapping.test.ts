/** A function gets the messages of a queue as Lambda gives them, and what it does not handle comes back. */
import assert from 'node:assert/strict';
import { EventEmitter, on } from 'node:events';
import { after, test } from 'node:test';
import { SendMessageBatchCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import type { BatchReport } from '../../../infra/local/event-sources/event-source-mapping.ts';
import { openGate } from '../../harness/gate.ts';
import { queueClient } from '../../harness/queues.ts';
import { serve, type TestFunction } from '../../harness/test-stack.ts';

const gate = await openGate();
after(() => gate[Symbol.asyncDispose]());

/** Prints the bodies of a batch, and handles it as the bodies say. */
const handle = (event: unknown) => {
  const { Records } = event as SQSEvent;
  console.log(`bodies ${JSON.stringify(Records.map(({ body }) => body))}`);
  if (Records.some(({ body }) => body === 'throw')) throw new Error('not today');
  if (Records.some(({ body }) => body === 'exit')) process.exit(1);
  const instead = Records.find(({ body }) => body.startsWith('return '));
  if (instead) return JSON.parse(instead.body.slice('return '.length));
  const failures = Records.filter(({ body }) => body.startsWith('fail'));
  return { batchItemFailures: failures.map(({ messageId }) => ({ itemIdentifier: messageId })) };
};
const reporting = { visibilitySeconds: 1, maxReceives: 2, reportsItemFailures: true };
const functions: Record<string, TestFunction> = {
  tellsEvent: { code: (event) => console.log(`event ${JSON.stringify(event)}`), queue: { visibilitySeconds: 30 } },
  handles: { code: handle, queue: reporting },
  failsWhole: { code: handle, queue: { ...reporting, batchSize: 1 } },
  ignoresFailures: { code: handle, queue: { ...reporting, reportsItemFailures: false } },
  gathers: { code: handle, queue: { windowSeconds: 2, batchSize: 4 } },
  takesMany: { code: handle, queue: { windowSeconds: 3, batchSize: 25 } },
  inOrder: { code: handle, queue: { isFifo: true, ...reporting } },
  waits: {
    code: async (event) => {
      const { Records } = event as unknown as SQSEvent;
      const asked = process.env['GATE'] ?? '';
      await (await fetch(`${asked}?${Records.length}`)).text();
    },
    queue: { maxConcurrency: 2, batchSize: 1 },
    options: { environment: { GATE: gate.url } },
  },
  throttled: { code: handle, queue: reporting, options: { reservedConcurrentExecutions: 0 } },
};
const reports = new EventEmitter<{ batch: [BatchReport] }>();
const stack = await serve(functions, {
  runtime: { report: (event) => event.event === 'batch' && reports.emit('batch', event) },
});
after(() => stack[Symbol.asyncDispose]());
const client = queueClient(stack.runtime.lambdaUrl);
after(() => client[Symbol.dispose]());

/** Collects the batches of a function that are reported from now on, until enough messages were handled or failed. */
async function batchesOf(name: string, enough: (batches: BatchReport[]) => boolean): Promise<BatchReport[]> {
  const batches: BatchReport[] = [];
  for await (const [batch] of on(reports, 'batch') as AsyncIterable<[BatchReport]>) {
    if (batch.function !== name) continue;
    batches.push(batch);
    if (enough(batches)) break;
  }
  return batches;
}

const total = (batches: BatchReport[], member: 'messages' | 'failed') =>
  batches.reduce((sum, batch) => sum + batch[member], 0);

const linesOf = (name: string) =>
  stack.log.filter(({ fn }) => fn === name).map(({ line }) => line.split('\t').at(-1) ?? '');

async function sendAll(queue: string, bodies: string[]): Promise<void> {
  for (let i = 0; i < bodies.length; i += 10) {
    const Entries = bodies.slice(i, i + 10).map((MessageBody, index) => ({ Id: String(index), MessageBody }));
    await client.sqs.send(new SendMessageBatchCommand({ QueueUrl: await client.urlOf(queue), Entries }));
  }
}

/** @aws docs:with-sqs: A function gets the messages of a queue as `Records`. */
test('a record has the message, its attributes, and where it is from', async () => {
  const batch = batchesOf('tellsEvent', () => true);
  const QueueUrl = await client.urlOf('tellsEvent-queue');
  const MessageAttributes = {
    text: { DataType: 'String', StringValue: 'blue 🎉' },
    bytes: { DataType: 'Binary', BinaryValue: Uint8Array.of(0, 255) },
  };
  const send = new SendMessageCommand({ QueueUrl, MessageBody: 'hi 🎉', MessageAttributes });
  const { MessageId: messageId } = await client.sqs.send(send);
  assert.deepEqual(
    (await batch).map(({ messages, failed }) => ({ messages, failed })),
    [{ messages: 1, failed: 0 }],
  );
  const { Records } = JSON.parse(linesOf('tellsEvent')[0]?.slice('event '.length) ?? '');
  const [{ receiptHandle, attributes, md5OfBody, md5OfMessageAttributes, ...record }, ...more] = Records;
  assert.deepEqual(more, []);
  assert.match(receiptHandle, /./);
  for (const digest of [md5OfBody, md5OfMessageAttributes]) assert.match(digest, /^[0-9a-f]{32}$/);
  assert.deepEqual(Object.keys(attributes).sort(), [
    'ApproximateFirstReceiveTimestamp',
    'ApproximateReceiveCount',
    'SenderId',
    'SentTimestamp',
  ]);
  assert.equal(attributes.ApproximateReceiveCount, '1');
  assert.deepEqual(record, {
    messageId,
    body: 'hi 🎉',
    messageAttributes: {
      text: { stringValue: 'blue 🎉', stringListValues: [], binaryListValues: [], dataType: 'String' },
      bytes: { binaryValue: 'AP8=', stringListValues: [], binaryListValues: [], dataType: 'Binary' },
    },
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:tellsEvent-queue',
    awsRegion: 'us-east-1',
  });
});

/** @aws docs:services-sqs-errorhandling: Messages that are named in `batchItemFailures` come back, the others are deleted. */
test('a message that failed comes back until it is in the dead-letter queue, the others are deleted', async () => {
  const batches = batchesOf('handles', (all) => total(all, 'failed') === 2);
  await sendAll('handles-queue', ['good 1', 'fail', 'good 2']);
  await batches;
  const [message, ...more] = await client.receive('handles-dead-letters');
  assert.deepEqual([message?.Body, more], ['fail', []]);
  const handled = linesOf('handles').flatMap((line) => JSON.parse(line.slice('bodies '.length)));
  assert.deepEqual(handled.toSorted(), ['fail', 'fail', 'good 1', 'good 2']);
});

/** Results that fail a whole batch. */
const failing = [
  'throw',
  'exit',
  'return "no list"',
  'return {"batchItemFailures":[{"itemIdentifier":""}]}',
  'return {"batchItemFailures":[{"itemIdentifier":"unknown"}]}',
  'return {"batchItemFailures":[{}]}',
  'return {"batchItemFailures":"all"}',
];

/** @aws docs:services-sqs-errorhandling: A function error, or a result that is no list of failures, fails the whole batch. */
test('a batch fails as a whole, and goes to the dead-letter queue in the end', async () => {
  const batches = batchesOf('failsWhole', (all) => all.length === 2 * failing.length);
  await sendAll('failsWhole-queue', failing);
  const seen = await batches;
  for (const { messages, failed, error } of seen) assert(messages === failed && error);
  const dead: (string | undefined)[] = [];
  while (dead.length < failing.length) {
    for (const { Body } of await client.receive('failsWhole-dead-letters')) dead.push(Body);
  }
  assert.deepEqual(dead.toSorted(), failing.toSorted());
});

for (const body of [
  'return null',
  'return {}',
  'return {"batchItemFailures":null}',
  'return {"batchItemFailures":[]}',
]) {
  /** @aws docs:services-sqs-errorhandling: `null`, an empty object and an empty list fail nothing. */
  test(`a batch succeeds: ${body}`, async () => {
    const batches = batchesOf('handles', () => true);
    await client.send('handles-queue', body);
    assert.equal(total(await batches, 'failed'), 0);
  });
}

/** @aws docs:services-sqs-errorhandling: Without `ReportBatchItemFailures` a list of failures is ignored. */
test('a list of failures is ignored where the mapping does not ask for it', async () => {
  const batches = batchesOf('ignoresFailures', () => true);
  await client.send('ignoresFailures-queue', 'fail');
  assert.equal(total(await batches, 'failed'), 0);
});

/** @aws docs:with-sqs: Lambda gathers a batch for the batching window, or until it has the batch size. */
test('messages that arrive within the batching window come in one batch', async () => {
  const batches = batchesOf('gathers', (all) => total(all, 'messages') === 5);
  for (const body of ['1', '2', '3', '4', '5']) await client.send('gathers-queue', body);
  assert.deepEqual((await batches).map(({ messages }) => messages).toSorted(), [1, 4]);
});

test('a batch has more messages than SQS returns at a time', async () => {
  const batches = batchesOf('takesMany', (all) => total(all, 'messages') === 25);
  await sendAll(
    'takesMany-queue',
    Array.from({ length: 25 }, (_, number) => String(number)),
  );
  assert((await batches).some(({ messages }) => messages > 10));
});

/** @aws docs:with-sqs: A function has at most `MaximumConcurrency` batches at a time. */
test('no more batches run at a time than the mapping allows', async () => {
  const batches = batchesOf('waits', (all) => all.length === 4);
  await sendAll('waits-queue', ['1', '2', '3', '4']);
  const first = [await gate.arrival(), await gate.arrival()];
  const third = gate.arrival();
  const early = await Promise.race([
    third.then(() => 'early'),
    client.receive('waits-dead-letters', 1).then(() => 'none'),
  ]);
  assert.equal(early, 'none');
  for (const arrival of first) arrival.release();
  (await third).release();
  (await gate.arrival()).release();
  await batches;
});

/** @aws docs:services-sqs-errorhandling: The messages of a group keep their order, also when one fails. */
test('the messages of a FIFO group come in order', async () => {
  const batches = batchesOf('inOrder', (all) => total(all, 'messages') >= 6);
  const bodies = ['a1', 'a2', 'fail', 'a3', 'a4'];
  for (const [index, body] of bodies.entries()) {
    const { SendMessageCommand } = await import('@aws-sdk/client-sqs');
    await client.sqs.send(
      new SendMessageCommand({
        QueueUrl: await client.urlOf('inOrder-queue.fifo'),
        MessageBody: body,
        MessageGroupId: 'group',
        MessageDeduplicationId: String(index),
      }),
    );
  }
  await batches;
  const seen = linesOf('inOrder').flatMap((line) => JSON.parse(line.slice('bodies '.length)));
  assert.deepEqual(seen, ['a1', 'a2', 'fail', 'fail', 'a3', 'a4']);
});

/** @aws docs:services-sqs-errorhandling: A throttled batch is retried until its messages are visible again. */
test('messages of a function that is throttled go to the dead-letter queue in the end', async () => {
  await client.send('throttled-queue', 'never');
  const [message] = await client.receive('throttled-dead-letters');
  assert.equal(message?.Body, 'never');
  assert.deepEqual(linesOf('throttled'), []);
});
