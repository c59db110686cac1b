/** A queue file that cannot be written: no record is lost, none is written twice, none is partial. */
import assert from 'node:assert/strict';
import { watch } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, rmdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { DestinationFile } from '../../../infra/local/async/destination-file.ts';
import { localClient } from '../../harness/lambda-client.ts';
import { messages } from '../../harness/serve-by-hand.ts';
import { serve } from '../../harness/test-stack.ts';
import { linuxOnly } from '../../load/process-facts.ts';

let folder: string;
let queueDirectory: string;
let file: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'full-disk-test-'));
});
beforeEach(async () => {
  queueDirectory = await mkdtemp(join(folder, 'queues-'));
  file = join(queueDirectory, 'fails-failures.jsonl');
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

/** Returns a line's length and its different characters. */
const briefly = (line: string) => `${line.length} of ${[...new Set(line)].join('')}`;

const idOf = (record: string) => JSON.parse(record).requestContext.requestId;

test('records stay in memory while the disk is full, and are written once there is room', linuxOnly, async (t) => {
  await symlink('/dev/full', file);
  await using stack = await serveFailing();
  const ids = [...(await stack.fail(20)), ...(await stack.fail(20))];
  // The next write fails as well.
  for (const queue of stack.runtime.queues) await queue.flush();
  assert.deepEqual(stack.told, ['ENOSPC: no space left on device, write']);

  const watcher = watch(queueDirectory);
  // The write is repeated on its own.
  const written = new Promise<void>((resolve) => {
    watcher.on('change', (event) => event === 'change' && resolve());
  });
  await rm(file);
  await written;
  watcher.close();
  ids.push(...(await stack.fail(1)));
  assert.deepEqual((await messages(stack.runtime, 'fails-failures')).map(idOf).sort(), ids.sort());
  assert.equal(stack.told.length, 1);
  t.diagnostic('evidence: faults: disk full=1');
});

test('a stop returns the records that are still not written', linuxOnly, async () => {
  await symlink('/dev/full', file);
  await using stack = await serveFailing();
  const ids = await stack.fail(3);
  assert.deepEqual((await stack.runtime.stop()).map(idOf).sort(), ids.sort());
});

test('a stop returns those records even if a flush waits for them', async () => {
  await mkdir(file);
  await using stack = await serveFailing();
  const ids = await stack.fail(3);
  const given = stack.runtime.queues.map(async (queue) => {
    const [, unwritten] = await Promise.all([queue.flush(), queue.stop()]);
    return unwritten;
  });
  assert.deepEqual((await Promise.all(given)).flat().map(idOf).sort(), ids.sort());
});

test('records that arrive during the write after a failed one are written after it, in order', async () => {
  await mkdir(file);
  const told: string[] = [];
  const queue = new DestinationFile(file, (error) => told.push(error.message));
  const numbers = Array.from({ length: 20 }, (_, number) => number);
  // The first ones are too long for a single write.
  const records = numbers.map((number) => String(number % 10).repeat(1_500_000 / (number + 1)));
  const flushed: Promise<void>[] = [];
  for (const [number, record] of records.entries()) {
    queue.add(record);
    flushed.push(queue.flush());
    if (number === 0) {
      await flushed[0];
      await rmdir(file);
    }
    await new Promise(setImmediate);
  }
  await Promise.all(flushed);
  assert.equal(told.length, 1);
  const lines = (await readFile(file, 'utf8')).split('\n');
  // Compared in short form: a failure prints both sides.
  assert.deepEqual(lines.map(briefly), [...records, ''].map(briefly));
});

test('a line that a crash cut off does not spoil the next record', async () => {
  await writeFile(file, '{"whole":1}\n{"torn":');
  await using stack = await serveFailing();
  const [id] = await stack.fail(1);
  const [whole, torn, record = '', ...more] = await messages(stack.runtime, 'fails-failures');
  assert.deepEqual([whole, torn, more], ['{"whole":1}', '{"torn":', []]);
  assert.equal(idOf(record), id);
});
