/** Queues that cannot be written: no record is lost, none is written twice. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { Destination, type QueuedRecord } from '../../../infra/local/async/destination.ts';
import { localClient } from '../../harness/lambda-client.ts';
import { messages } from '../../harness/serve-by-hand.ts';
import { serve } from '../../harness/test-stack.ts';

let folder: string;
let queueDirectory: string;
let file: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'full-disk-test-'));
});
beforeEach(async () => {
  queueDirectory = await mkdtemp(join(folder, 'queues-'));
  file = join(queueDirectory, 'queues.sqlite');
});
after(() => rm(folder, { recursive: true }));

/** Serves a failing function whose queue is in the folder. */
async function serveFailing() {
  const told: string[] = [];
  let left = 0;
  let allEnded = () => {};
  const stack = await serve(
    {
      fails: {
        code: () => {
          throw new Error('not today');
        },
        hasQueues: true,
        options: { retryAttempts: 0 },
      },
    },
    {
      runtime: {
        queueDirectory,
        report: (event) => {
          if (event.event === 'queue-unwritable') told.push(event.message);
          if (event.event === 'event-ended' && --left === 0) allEnded();
        },
      },
    },
  );
  const client = localClient(stack.runtime.lambdaUrl);
  return {
    runtime: stack.runtime,
    /** The reported reasons why the file cannot be written. */
    told,
    /** Sends events, and waits until they have ended. @returns their ids */
    async fail(count: number): Promise<string[]> {
      left = count;
      const { promise, resolve } = Promise.withResolvers<void>();
      allEnded = resolve;
      const command = new InvokeCommand({ FunctionName: 'fails', Payload: '{}', InvocationType: 'Event' });
      const outputs = await Promise.all(Array.from({ length: count }, () => client.send(command)));
      await promise;
      return outputs.map(({ $metadata }) => $metadata.requestId ?? '');
    },
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      await stack[Symbol.asyncDispose]();
    },
  };
}

/** Returns a record's length and its different characters. */
const briefly = (line: string) => `${line.length} of ${[...new Set(line)].join('')}`;

const idOf = (record: string) => JSON.parse(record).requestContext.requestId;

test('records stay in memory while the queues cannot be written, and are written once they can', async (t) => {
  await mkdir(file);
  await using stack = await serveFailing();
  const ids = [...(await stack.fail(20)), ...(await stack.fail(20))];
  // The next write fails as well.
  for (const destination of stack.runtime.destinations) await destination.flush();
  assert.deepEqual(stack.told.length, 1);
  assert.match(stack.told[0] ?? '', /queues\.sqlite/);

  await rmdir(file);
  ids.push(...(await stack.fail(1)));
  // The write is repeated on its own.
  const records: string[] = [];
  while (records.length < ids.length)
    records.push(...(await messages(stack.runtime, 'fails-failures').catch(() => [])));
  assert.deepEqual(records.map(idOf).sort(), ids.sort());
  assert.equal(stack.told.length, 1);
  t.diagnostic('evidence: faults: disk full=1');
});

test('a stop returns the records that are still not written', async () => {
  await mkdir(file);
  await using stack = await serveFailing();
  const ids = await stack.fail(3);
  assert.deepEqual((await stack.runtime.stop()).map(idOf).sort(), ids.sort());
});

test('a stop returns those records even if a flush waits for them', async () => {
  await mkdir(file);
  await using stack = await serveFailing();
  const ids = await stack.fail(3);
  const given = stack.runtime.destinations.map(async (destination) => {
    const [, unwritten] = await Promise.all([destination.flush(), destination.stop()]);
    return unwritten;
  });
  assert.deepEqual((await Promise.all(given)).flat().map(idOf).sort(), ids.sort());
});

test('records that arrive during the write after a failed one are written after it, in order', async () => {
  const told: string[] = [];
  const written: string[] = [];
  let isFull = true;
  const write = async (batch: QueuedRecord[]) => {
    await new Promise(setImmediate);
    if (isFull) throw new Error('full');
    written.push(...batch.map(({ body }) => body));
  };
  const destination = new Destination('queue', write, (error) => told.push(error.message));
  const numbers = Array.from({ length: 20 }, (_, number) => number);
  // The first ones are too long for a single write.
  const records = numbers.map((number) => String(number % 10).repeat(1_500_000 / (number + 1)));
  const flushed: Promise<void>[] = [];
  for (const [number, body] of records.entries()) {
    destination.add({ id: String(number), body });
    flushed.push(destination.flush());
    if (number === 0) {
      await flushed[0];
      isFull = false;
    }
    await new Promise(setImmediate);
  }
  await Promise.all(flushed);
  assert.deepEqual(told, ['full']);
  // Compared in short form: a failure prints both sides.
  assert.deepEqual(written.map(briefly), records.map(briefly));
});
