/** Messages of a queue while environments and `npm start` itself are killed: MESSAGES says how many. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DeleteMessageBatchCommand, GetQueueAttributesCommand, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { longOnly } from '../harness/long-form.ts';
import { queueClient } from '../harness/queues.ts';
import { childrenOf, linuxOnly, memoryMb } from './process-facts.ts';
import { type StartedApi, startApi } from './started-api.ts';

const count = Number(process.env['MESSAGES'] ?? 5000);
const poisonEach = 50;
const queues = await mkdtemp(join(tmpdir(), 'feeling-api-test-'));
after(() => rm(queues, { recursive: true, force: true }));

const start = () => startApi(['-c', 'sources=queue'], { QUEUE_DIRECTORY: queues, MAX_ENVIRONMENTS: '2' });

/** Sends messages until the server is gone. */
class Sender {
  /** The ids of the messages that were accepted. */
  readonly good = new Set<string>();
  readonly poison = new Set<string>();
  private next = 0;

  /** Sends the messages up to a number, and calls back after each hundred. */
  async sendTo(api: StartedApi, last: number, eachHundred: (sent: number) => Promise<void> = async () => {}) {
    using client = queueClient(api.lambdaUrl);
    const QueueUrl = await client.urlOf('feeling-reactions-dev');
    while (this.next < last) {
      const numbers = Array.from({ length: Math.min(10, last - this.next) }, (_, index) => this.next + index);
      const Entries = numbers.map((number) => ({ Id: String(number), MessageBody: bodyOf(number) }));
      const { Successful = [] } = await client.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      this.next += numbers.length;
      for (const { Id, MessageId = '' } of Successful) (isPoison(Number(Id)) ? this.poison : this.good).add(MessageId);
      if (this.next % 100 === 0) await eachHundred(this.next);
    }
  }
}

const isPoison = (number: number) => number % poisonEach === 0;
const bodyOf = (number: number) =>
  isPoison(number) ? `poison ${number}` : JSON.stringify({ emoji_type: number % 3, message: `message ${number}` });

/** Takes the answers that are there, and returns how many they were. */
async function takeAnswers(client: ReturnType<typeof queueClient>, answered: Map<string, number>): Promise<number> {
  const messages = await client.receive('feeling-answers-dev', 1);
  for (const { Body = '' } of messages) {
    const { id } = JSON.parse(Body);
    answered.set(id, (answered.get(id) ?? 0) + 1);
  }
  const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
  const QueueUrl = await client.urlOf('feeling-answers-dev');
  if (Entries.length > 0) await client.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  return messages.length;
}

async function waitingIn(client: ReturnType<typeof queueClient>, queue: string): Promise<number> {
  const command = new GetQueueAttributesCommand({ QueueUrl: await client.urlOf(queue), AttributeNames: ['All'] });
  const { Attributes = {} } = await client.sqs.send(command);
  return (
    Number(Attributes['ApproximateNumberOfMessages']) + Number(Attributes['ApproximateNumberOfMessagesNotVisible'])
  );
}

async function killEnvironments(api: StartedApi): Promise<number> {
  const children = (await childrenOf(api.pid)).filter((child) => child.function === 'feeling-records-dev');
  for (const { pid } of children) process.kill(pid, 'SIGKILL');
  return children.length;
}

test('every good message is answered, every poison one is in the dead-letter queue, whatever is killed', {
  ...linuxOnly,
  ...longOnly,
  timeout: 900_000,
}, async (t) => {
  const sender = new Sender();
  const third = Math.ceil(count / 3 / 10) * 10;
  let killed = 0;
  {
    await using api = await start();
    await sender.sendTo(api, third, async (sent) => {
      if (sent % 500 === 0) killed += await killEnvironments(api);
    });
    api.process.kill('SIGTERM');
    assert.equal(await api.ended(), 0);
  }
  {
    await using api = await start();
    // What it has not accepted is not counted.
    const kill = async (sent: number) => void (sent >= 1.5 * third && api.process.kill('SIGKILL'));
    await sender.sendTo(api, 2 * third, kill).catch(() => {});
    api.process.kill('SIGKILL');
    await api.ended();
  }
  await using api = await start();
  await sender.sendTo(api, count, async (sent) => {
    if (sent % 500 === 0) killed += await killEnvironments(api);
  });
  using client = queueClient(api.lambdaUrl);
  const answered = new Map<string, number>();
  const began = performance.now();
  const isMissing = () => sender.good.difference(answered).size > 0;
  while (isMissing()) await takeAnswers(client, answered);
  const seconds = (performance.now() - began) / 1000;
  while ((await waitingIn(client, 'feeling-reactions-dev')) > 0) await takeAnswers(client, answered);

  const dead = new Set<string>();
  for (;;) {
    const messages = await client.receive('feeling-reactions-dev-failed', 0);
    if (messages.length === 0) break;
    for (const { MessageId = '' } of messages) dead.add(MessageId);
  }
  assert.deepEqual([...sender.poison.difference(dead)], [], 'every poison message is in the dead-letter queue');
  assert.deepEqual([...dead.intersection(sender.good)], [], 'no good message is there');
  const again = [...answered.values()].reduce((sum, times) => sum + times - 1, 0);
  t.diagnostic(`evidence: messages of a queue=${sender.good.size + sender.poison.size}`);
  t.diagnostic(`${answered.size} answers, ${again} of them again; ${killed} environments killed`);
  t.diagnostic(
    `the last ones within ${seconds.toFixed(1)} s; peak of memory ${Math.round(await memoryMb(api.pid, 'VmHWM'))} MB`,
  );
});
