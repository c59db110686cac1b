/** What is wrong in fauxqs. A test that fails says that its work-around in infra/local/queues is no longer needed. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';

const load = (path: string) => import(new URL(path, import.meta.resolve('fauxqs')).href);
const { SqsStore, SqsQueue } = await load('./sqs/sqsStore.js');
const { PersistenceManager } = await load('./persistence.js');
const { INVALID_MESSAGE_BODY_CHAR } = await load('./sqs/sqsTypes.js');
const { SqsError } = await load('./common/errors.js');

const folder = await mkdtemp(join(tmpdir(), 'feeling-api-test-'));
after(() => rm(folder, { recursive: true, force: true }));

describe('fauxqs by itself', () => {
  test('refuses emoji', () => {
    assert(INVALID_MESSAGE_BODY_CHAR.test('🎉'));
  });

  test('cannot give back a message that it keeps on the disk', async () => {
    const store = new SqsStore();
    store.persistence = new PersistenceManager(folder);
    const queue = store.createQueue('queue', 'http://x/queue', 'arn:aws:sqs:us-east-1:000000000000:queue');
    queue.enqueue(SqsStore.createMessage('body'));
    const [{ ReceiptHandle }] = queue.dequeue(1);
    assert.throws(() => queue.changeVisibility(ReceiptHandle, 0), /NOT NULL constraint failed/);
    store.persistence.close();
  });

  test('deletes a message before it is in the dead-letter queue', () => {
    const store = new SqsStore();
    const dead = store.createQueue('dead', 'http://x/dead', 'arn:aws:sqs:us-east-1:000000000000:dead');
    const attributes = { RedrivePolicy: JSON.stringify({ maxReceiveCount: 1, deadLetterTargetArn: dead.arn }) };
    const queue = store.createQueue('queue', 'http://x/queue', 'arn:aws:sqs:us-east-1:000000000000:queue', attributes);
    const order: string[] = [];
    const persistence = {
      insertMessage: (name: string) => order.push(`insert into ${name}`),
      deleteMessage: () => order.push('delete'),
      updateMessageInflight() {},
      updateMessageReady() {},
    };
    for (const one of [queue, dead]) one.persistence = persistence;
    queue.enqueue(SqsStore.createMessage('body'));
    const [{ ReceiptHandle }] = queue.dequeue(1);
    queue.changeVisibility(ReceiptHandle, 0);
    queue.dequeue(1, undefined, () => dead);
    assert.deepEqual(order, ['insert into queue', 'delete', 'insert into dead']);
  });

  test('looks for visible messages all the time while a poll waits', () => {
    assert.match(SqsQueue.prototype.startPollTimerIfNeeded.toString(), /setInterval\([\s\S]*, 20\)/);
  });

  test('gives every error code the prefix that only some have', () => {
    assert.match(new SqsError('InvalidMessageContents', '').queryErrorHeader, /^AWS\.SimpleQueueService\./);
  });
});
