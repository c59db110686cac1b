/** The queues by themselves: what was added is there once, also after the next start. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { QueueService } from '../../../infra/local/queues/queue-service.ts';

const folder = await mkdtemp(join(tmpdir(), 'feeling-api-test-'));
after(() => rm(folder, { recursive: true, force: true }));

const queue = { name: 'queue', arn: 'arn:aws:sqs:us-east-1:000000000000:queue', attributes: {} };

async function serve(): Promise<QueueService> {
  const service = new QueueService({
    directory: folder,
    endpoint: () => 'http://127.0.0.1:3001',
    report: ({ message }) => assert.fail(message),
  });
  await service.configure([queue], []);
  return service;
}

async function receive(service: QueueService): Promise<string[]> {
  const { body } = await service.respond({
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.ReceiveMessage' },
    body: Buffer.from(
      JSON.stringify({ QueueUrl: 'http://127.0.0.1:3001/000000000000/queue', MaxNumberOfMessages: 10 }),
    ),
  });
  const { Messages = [] } = JSON.parse(Buffer.from(body).toString());
  return Messages.map(({ MessageId, Body }: Record<string, string>) => `${MessageId} ${Body}`);
}

test('a message whose id is there is not added again, nor after the next start', async () => {
  const first = await serve();
  await first.add('queue', [{ id: 'a', body: 'one' }]);
  await first.add('queue', [
    { id: 'a', body: 'one' },
    { id: 'b', body: 'two 🎉' },
  ]);
  await first.stop();
  const second = await serve();
  await second.add('queue', [{ id: 'b', body: 'two 🎉' }]);
  assert.deepEqual(await receive(second), ['a one', 'b two 🎉']);
  await second.stop();
});
