/** The queues by themselves: what was added is there once, also after the next start and beside a full disk. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import type { Message } from '@aws-sdk/client-sqs';
import type { QueueModel } from '../../../infra/local/cloud-assembly/stack-model.ts';
import { QueueService } from '../../../infra/local/queues/queue-service.ts';
import { linuxOnly } from '../../load/process-facts.ts';

const folder = await mkdtemp(join(tmpdir(), 'feeling-api-test-'));
after(() => rm(folder, { recursive: true, force: true }));

const arnOf = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;
const queues: QueueModel[] = [
  { name: 'queue', arn: arnOf('queue'), attributes: {} },
  { name: 'ordered.fifo', arn: arnOf('ordered.fifo'), attributes: { FifoQueue: 'true' } },
];

async function serve(): Promise<QueueService> {
  const service = new QueueService({
    directory: folder,
    endpoint: () => 'http://127.0.0.1:3001',
    report: ({ message }) => assert.fail(message),
  });
  await service.configure(queues, []);
  return service;
}

async function call(service: QueueService, operation: string, queue: string, parameters: object) {
  const { status, body } = await service.respond({
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${operation}` },
    body: Buffer.from(JSON.stringify({ QueueUrl: `http://127.0.0.1:3001/000000000000/${queue}`, ...parameters })),
  });
  return { status, ...JSON.parse(Buffer.from(body).toString()) };
}

async function receive(service: QueueService, queue: string): Promise<Message[]> {
  const parameters = { MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] };
  return (await call(service, 'ReceiveMessage', queue, parameters)).Messages ?? [];
}

async function send(service: QueueService, queue: string, bodies: string[]): Promise<number> {
  const Entries = bodies.map((MessageBody, index) => ({
    Id: String(index),
    MessageBody,
    MessageGroupId: String(index),
    MessageDeduplicationId: String(index),
  }));
  return (await call(service, 'SendMessageBatch', queue, { Entries })).status;
}

/** Returns the length and the first character of a body: a failure prints both sides. */
const briefly = ({ Body = '' }: Message) => `${Body.length} of ${Body[0]}`;

/** @param bytes that a file of this process may have: as on a full disk, the rest of a write is not taken */
async function limitFilesTo(bytes: string): Promise<void> {
  await promisify(execFile)('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:`]);
}

const colour = { colour: { DataType: 'String', StringValue: 'blue 🎉' } };

test('a message is there once, with its attributes, also after the next start', async () => {
  const first = await serve();
  await first.add('queue', [{ id: 'a', body: 'one' }]);
  await first.add('queue', [
    { id: 'a', body: 'one' },
    { id: 'b', body: 'two 🎉' },
  ]);
  await call(first, 'SendMessage', 'queue', { MessageBody: 'three', MessageAttributes: colour });
  await first.stop();
  const second = await serve();
  await second.add('queue', [{ id: 'b', body: 'two 🎉' }]);
  const received = await receive(second, 'queue');
  assert.deepEqual(
    received.map(({ Body, MessageAttributes }) => [Body, MessageAttributes]),
    [
      ['one', undefined],
      ['two 🎉', undefined],
      ['three', colour],
    ],
  );
  await call(second, 'PurgeQueue', 'queue', {});
  await second.stop();
});

test('a batch that the disk does not take is sent and deleted whole, once it does', linuxOnly, async () => {
  const bodies = Array.from({ length: 10 }, (_, index) => `${index}`.repeat(20_000));
  const service = await serve();
  // From now on the messages are open.
  assert.deepEqual(await receive(service, 'ordered.fifo'), []);
  await limitFilesTo('100000');
  try {
    await assert.rejects(send(service, 'ordered.fifo', bodies), { name: 'StorageError' });
    assert.deepEqual((await receive(service, 'ordered.fifo')).map(briefly), []);
  } finally {
    await limitFilesTo('unlimited');
  }
  assert.equal(await send(service, 'ordered.fifo', bodies), 200);
  const received = await receive(service, 'ordered.fifo');
  assert.deepEqual(
    received.map(briefly),
    bodies.map((Body) => briefly({ Body })),
  );

  const Entries = received.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
  await limitFilesTo('1000');
  try {
    await assert.rejects(call(service, 'DeleteMessageBatch', 'ordered.fifo', { Entries }), { name: 'StorageError' });
  } finally {
    await limitFilesTo('unlimited');
  }
  assert.equal((await call(service, 'DeleteMessageBatch', 'ordered.fifo', { Entries })).status, 200);
  await service.stop();
  assert(!existsSync(service.path), 'no message is on the disk');
});
