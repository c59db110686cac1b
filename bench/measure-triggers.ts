/** Measures `npm start` by trigger, in one run: synchronous and asynchronous invocations beside messages of a queue. */

import { setTimeout } from 'node:timers/promises';
import autocannon from 'autocannon';
import { z } from 'zod';
import { type RunningServer, startOurs } from './gateways.ts';
import { usageOf } from './process-tree.ts';
import { type Quartiles, quartilesOf } from './quartiles.ts';

export interface TriggerResult {
  trigger: string;
  /** From the first request to the last response. */
  acceptedPerSecond: Quartiles;
  /** From the first request until each has its answer in the queue for answers. Of synchronous ones, the same. */
  answeredPerSecond: Quartiles;
  /** CPU milliseconds of the server and its functions until the answer. */
  cpuMs: Quartiles;
}

interface Trigger {
  name: string;
  /** Variables of `npm start`. */
  environment: NodeJS.ProcessEnv;
  path: string;
  headers: Record<string, string>;
  body: string;
  /** What a request asks for. */
  answersPerRequest: number;
  /** The queue that gets the answers. The response is the answer if there is none. */
  answers: string | undefined;
}

const connections = 10;
const checkMs = 50;
const event = '{"emoji_type":0,"message":"shipped! 🎉"}';
const queueUrl = (name: string) => `http://127.0.0.1/000000000000/${name}`;
const sqsHeaders = (operation: string) => ({
  'content-type': 'application/x-amz-json-1.0',
  'x-amz-target': `AmazonSQS.${operation}`,
});

const invocation = {
  environment: {},
  path: '/2015-03-31/functions/feeling-direct-dev/invocations',
  headers: {},
  body: event,
  answersPerRequest: 1,
  answers: undefined,
};
const asynchronous = {
  ...invocation,
  headers: { 'x-amz-invocation-type': 'Event' },
  answers: 'feeling-direct-dev-answers',
};
const triggers: Trigger[] = [
  { name: 'synchronous invocation', ...invocation },
  { name: 'asynchronous invocation', ...asynchronous },
  { name: 'asynchronous invocation, `JOURNAL=0`', ...asynchronous, environment: { JOURNAL: '0' } },
  {
    name: 'message of a queue, ten a call',
    environment: {},
    path: '/',
    headers: sqsHeaders('SendMessageBatch'),
    body: JSON.stringify({
      QueueUrl: queueUrl('feeling-reactions-dev'),
      Entries: Array.from({ length: 10 }, (_, index) => ({ Id: String(index), MessageBody: event })),
    }),
    answersPerRequest: 10,
    answers: 'feeling-answers-dev',
  },
];

/**
 * Measures all triggers in turn, round by round.
 * @param effort `answers` of each trigger in a round, after a fifth as many that start environments and compile code
 */
export async function measureTriggers(
  effort: { rounds: number; answers: number },
  progress: (text: string) => void,
): Promise<TriggerResult[]> {
  const measured = triggers.map((trigger) => ({ trigger, runs: [] as Run[] }));
  for (let round = 0; round < effort.rounds; round++) {
    for (const { trigger, runs } of measured) {
      progress(`${trigger.name}, round ${round + 1} of ${effort.rounds}`);
      await using server = await startOurs(trigger.environment);
      await run(server, trigger, effort.answers / 5);
      runs.push(await run(server, trigger, effort.answers));
    }
  }
  return measured.map(({ trigger, runs }) => ({
    trigger: trigger.name,
    acceptedPerSecond: quartilesOf(runs.map(({ acceptedPerSecond }) => acceptedPerSecond)),
    answeredPerSecond: quartilesOf(runs.map(({ answeredPerSecond }) => answeredPerSecond)),
    cpuMs: quartilesOf(runs.map(({ cpuMs }) => cpuMs)),
  }));
}

interface Run {
  acceptedPerSecond: number;
  answeredPerSecond: number;
  cpuMs: number;
}

/** @throws {Error} if a request is not accepted */
async function run(server: RunningServer, trigger: Trigger, answers: number): Promise<Run> {
  const { path, headers, body, answersPerRequest } = trigger;
  const url = server.lambdaUrl + path;
  const amount = Math.ceil(answers / answersPerRequest);
  const before = await usageOf(server.pid);
  const start = performance.now();
  await allAccepted({ url, connections, amount, method: 'POST', headers, body }, amount);
  const accepted = performance.now();
  const expected = amount * answersPerRequest;
  if (trigger.answers) {
    while ((await waitingIn(server, trigger.answers)) < expected) await setTimeout(checkMs);
  }
  const answered = performance.now();
  const { cpuMs } = await usageOf(server.pid);
  if (trigger.answers) await callSqs(server, 'PurgeQueue', { QueueUrl: queueUrl(trigger.answers) });
  return {
    acceptedPerSecond: (expected / (accepted - start)) * 1000,
    answeredPerSecond: (expected / (answered - start)) * 1000,
    cpuMs: (cpuMs - before.cpuMs) / expected,
  };
}

/** Waits for the last response. autocannon itself notices its end up to a second later. */
function allAccepted(options: autocannon.Options, amount: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let responses = 0;
    const load = autocannon(options, () => reject(new Error(`${responses} of ${amount} requests had a response.`)));
    load.on('response', (_client, status) => {
      if (status >= 300) reject(new Error(`${options.url} responds with ${status}.`));
      else if (++responses === amount) resolve();
    });
  });
}

const attributesShape = z.object({ Attributes: z.object({ ApproximateNumberOfMessages: z.coerce.number() }) });

async function waitingIn(server: RunningServer, queue: string): Promise<number> {
  const parameters = { QueueUrl: queueUrl(queue), AttributeNames: ['ApproximateNumberOfMessages'] };
  const { Attributes } = attributesShape.parse(JSON.parse(await callSqs(server, 'GetQueueAttributes', parameters)));
  return Attributes.ApproximateNumberOfMessages;
}

async function callSqs({ lambdaUrl }: RunningServer, operation: string, parameters: object): Promise<string> {
  const headers = sqsHeaders(operation);
  const response = await fetch(lambdaUrl, { method: 'POST', headers, body: JSON.stringify(parameters) });
  if (!response.ok) throw new Error(`${operation}: ${response.status} ${await response.text()}`);
  return response.text();
}
