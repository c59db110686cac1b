/** A queue whose file cannot be written: no record is lost, none is written twice, and none is torn. */
import assert from 'node:assert/strict';
import { watch } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { localClient } from '../lambda-client.ts';
import { linuxOnly } from '../load/process-facts.ts';
import { messages } from './serve-by-hand.ts';
import { serve } from './test-stack.ts';

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

/** Serves a function that fails, with its queue in the folder. */
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
        unwritable: (_path, error) => told.push(error.message),
        ended: () => --left === 0 && allEnded(),
      },
    },
  );
  const client = localClient(stack.runtime.lambdaUrl);
  return {
    runtime: stack.runtime,
    /** Why the file cannot be written, each time that it is told. */
    told,
    /** Hands in events, and waits for their end. @returns their ids */
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

const idOf = (record: string) => JSON.parse(record).requestContext.requestId;

test('records wait in memory while the disk is full, and are written once there is room', linuxOnly, async (t) => {
  await symlink('/dev/full', file);
  await using stack = await serveFailing();
  const ids = [...(await stack.fail(20)), ...(await stack.fail(20))];
  // It is tried again, in vain.
  for (const queue of stack.runtime.queues) await queue.flush();
  assert.deepEqual(stack.told, ['ENOSPC: no space left on device, write']);

  const watcher = watch(queueDirectory);
  // It is tried again without being asked.
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

test('what is still not written when it stops is given back', linuxOnly, async () => {
  await symlink('/dev/full', file);
  await using stack = await serveFailing();
  const ids = await stack.fail(3);
  assert.deepEqual((await stack.runtime.stop()).map(idOf).sort(), ids.sort());
});

test('a line that a crash has cut off does not spoil the next record', async () => {
  await writeFile(file, '{"whole":1}\n{"torn":');
  await using stack = await serveFailing();
  const [id] = await stack.fail(1);
  const [whole, torn, record = '', ...more] = await messages(stack.runtime, 'fails-failures');
  assert.deepEqual([whole, torn, more], ['{"whole":1}', '{"torn":', []]);
  assert.equal(idOf(record), id);
});
