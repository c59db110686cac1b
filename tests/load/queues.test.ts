/** Messages of a queue while environments and `npm start` itself are killed: MESSAGES says how many. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
} from '@aws-sdk/client-sqs';
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

/** Takes the answers while messages are sent: a queue that is not read would grow. */
class Answers {
  /** How often each message was answered. */
  readonly times = new Map<string, number>();

  /** Takes answers until it is disposed of, or the server is gone. */
  from(api: StartedApi): AsyncDisposable {
    const stop = new AbortController();
    const readers = Promise.all(Array.from({ length: 3 }, () => this.read(api, stop.signal).catch(() => {})));
    return {
      [Symbol.asyncDispose]: async () => {
        stop.abort();
        await readers;
      },
    };
  }

  private async read(api: StartedApi, abortSignal: AbortSignal): Promise<void> {
    using client = queueClient(api.lambdaUrl);
    const QueueUrl = await client.urlOf('feeling-answers-dev');
    const receive = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 20 });
    while (!abortSignal.aborted) {
      const { Messages = [] } = await client.sqs.send(receive, { abortSignal });
      for (const { Body = '' } of Messages) {
        const { id } = JSON.parse(Body);
        this.times.set(id, (this.times.get(id) ?? 0) + 1);
      }
      const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      if (Entries.length > 0) await client.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    }
  }
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
  timeout: 300_000 + 20 * count,
}, async (t) => {
  const began = performance.now();
  const sender = new Sender();
  const answers = new Answers();
  const third = Math.ceil(count / 3 / 10) * 10;
  let killed = 0;
  const kill = async (api: StartedApi, sent: number) => {
    if (sent % 500 === 0) killed += await killEnvironments(api);
  };
  {
    await using api = await start();
    await using _ = answers.from(api);
    await sender.sendTo(api, third, (sent) => kill(api, sent));
    api.process.kill('SIGTERM');
    assert.equal(await api.ended(), 0);
  }
  {
    await using api = await start();
    await using _ = answers.from(api);
    // What it has not accepted is not counted.
    const killServer = async (sent: number) => void (sent >= 1.5 * third && api.process.kill('SIGKILL'));
    await sender.sendTo(api, 2 * third, killServer).catch(() => {});
    api.process.kill('SIGKILL');
    await api.ended();
  }
  await using api = await start();
  {
    await using _ = answers.from(api);
    await sender.sendTo(api, count, (sent) => kill(api, sent));
    using client = queueClient(api.lambdaUrl);
    for (const queue of ['feeling-reactions-dev', 'feeling-answers-dev']) {
      while ((await waitingIn(client, queue)) > 0) await delay(1000);
    }
  }
  const seconds = (performance.now() - began) / 1000;
  assert.deepEqual([...sender.good.difference(answers.times)], [], 'every good message is answered');

  using client = queueClient(api.lambdaUrl);
  const dead = new Set<string>();
  for (;;) {
    const messages = await client.receive('feeling-reactions-dev-failed', 0);
    if (messages.length === 0) break;
    for (const { MessageId = '' } of messages) dead.add(MessageId);
  }
  assert.deepEqual([...sender.poison.difference(dead)], [], 'every poison message is in the dead-letter queue');
  assert.deepEqual([...dead.intersection(sender.good)], [], 'no good message is there');
  const again = [...answers.times.values()].reduce((sum, times) => sum + times - 1, 0);
  t.diagnostic(`evidence: messages of a queue=${sender.good.size + sender.poison.size}`);
  t.diagnostic(`${answers.times.size} answers, ${again} of them again; ${dead.size} dead letters`);
  t.diagnostic(`${killed} environments killed; ${seconds.toFixed(0)} s`);
  t.diagnostic(`peak of memory after kill -9 ${Math.round(await memoryMb(api.pid, 'VmHWM'))} MB`);
});
