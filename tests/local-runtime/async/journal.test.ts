/** Accepted events stay in the journal until they have ended: a stop, a full disk and a broken file lose none. */
import assert from 'node:assert/strict';
import { EventEmitter, on } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { Journal } from '../../../infra/local/async/journal.ts';
import { QueueService } from '../../../infra/local/queues/queue-service.ts';
import type { LocalRuntimeEvent } from '../../../infra/local/runtime-event.ts';
import { queued } from '../../harness/journaled.ts';
import { localClient } from '../../harness/lambda-client.ts';
import { ManualClock } from '../../harness/manual-clock.ts';
import { serve } from '../../harness/test-stack.ts';

const folder = await mkdtemp(join(tmpdir(), 'feeling-api-test-'));
after(() => rm(folder, { recursive: true, force: true }));

const code = "export const handler = async ({ bad }) => { if (bad) throw new Error('bad'); };";

/** Serves the functions with the journal of a folder, until the disposal. */
async function serveJournaled(queueDirectory: string) {
  const clock = new ManualClock();
  const emitter = new EventEmitter();
  const reports: LocalRuntimeEvent[] = [];
  const report = (event: LocalRuntimeEvent) => {
    reports.push(event);
    emitter.emit('report');
  };
  const journal = await Journal.open(queueDirectory, report);
  const stack = await serve(
    { picky: { code, hasQueues: true } },
    { runtime: { clock, report, queueDirectory, journal } },
  );
  const client = localClient(stack.runtime.lambdaUrl);
  return {
    clock,
    /** Sends an asynchronous event. @returns its request id */
    async accept(event: object): Promise<string> {
      const Payload = JSON.stringify(event);
      const sent = await client.send(new InvokeCommand({ FunctionName: 'picky', Payload, InvocationType: 'Event' }));
      return sent.$metadata.requestId ?? '';
    },
    /** Waits for a report. */
    async reported<Name extends LocalRuntimeEvent['event']>(name: Name) {
      const find = () => reports.findIndex(({ event }) => event === name);
      if (find() < 0) for await (const _ of on(emitter, 'report')) if (find() >= 0) break;
      return reports.splice(find(), 1)[0] as LocalRuntimeEvent & { event: Name };
    },
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      await stack[Symbol.asyncDispose]();
    },
  };
}

/** @aws docs:invocation-async: An accepted event is kept for up to six hours. */
test('an event that waits for a retry goes on after a stop, with its attempts', async () => {
  const queues = await mkdtemp(join(folder, 'queues-'));
  let id: string;
  {
    await using served = await serveJournaled(queues);
    id = await served.accept({ bad: true });
    assert.equal((await served.reported('event-failed')).attempts, 1);
  }
  assert(existsSync(join(queues, 'events.sqlite')));
  {
    await using served = await serveJournaled(queues);
    assert.equal((await served.reported('events-resumed')).events, 1);
    assert.equal((await served.reported('event-failed')).attempts, 2);
    served.clock.advance(120_000);
    const { requestId, attempts, condition } = await served.reported('event-ended');
    assert.deepEqual([requestId, attempts, condition], [id, 3, 'RetriesExhausted']);
  }
  assert.equal((await stat(join(queues, 'queues.sqlite'))).mode & 0o777, 0o600);
  const [record = '', ...more] = queued(queues, 'picky-failures');
  assert.deepEqual(more, []);
  const { requestContext, requestPayload } = JSON.parse(record);
  assert.deepEqual([requestContext.requestId, requestPayload], [id, { bad: true }]);
  assert.deepEqual(await readdir(queues), ['queues.sqlite'], 'no event waits, so there is no journal');
});

test('the age of an event counts from its acceptance by an earlier run', async () => {
  const queues = await mkdtemp(join(folder, 'queues-'));
  {
    await using served = await serveJournaled(queues);
    await served.accept({ bad: true });
    await served.reported('event-failed');
  }
  const database = new DatabaseSync(join(queues, 'events.sqlite'));
  database.exec(`UPDATE events SET acceptedAt = acceptedAt - ${7 * 3600 * 1000}`);
  database.close();
  await using served = await serveJournaled(queues);
  const { attempts, condition } = await served.reported('event-ended');
  assert.deepEqual([attempts, condition], [1, 'EventAgeExceeded']);
});

test('a record that a crash left in the journal is written, but not twice', async () => {
  const queues = await mkdtemp(join(folder, 'queues-'));
  {
    await using served = await serveJournaled(queues);
    await served.accept({ bad: true });
    await served.reported('event-failed');
  }
  const database = new DatabaseSync(join(queues, 'events.sqlite'));
  const columns = 'requestId, targetArn, traceId, acceptedAt, payload, queue, record';
  const add = database.prepare(`INSERT INTO events (${columns}) VALUES (?, 'arn', 'trace', 0, '', 'picky-results', ?)`);
  const record = (requestId: string, payload = '') => JSON.stringify({ requestContext: { requestId }, payload });
  add.run('written', record('written', 'unwritten'));
  add.run('unwritten', record('unwritten'));
  database.close();
  const service = new QueueService({
    directory: queues,
    endpoint: () => '',
    report: ({ message }) => assert.fail(message),
  });
  await service.configure([{ name: 'picky-results', arn: 'arn:aws:sqs:x:0:picky-results', attributes: {} }], []);
  await service.add('picky-results', [{ id: 'written', body: record('written', 'unwritten') }]);
  await service.stop();
  {
    await using served = await serveJournaled(queues);
    await served.reported('event-failed');
  }
  assert.deepEqual(queued(queues, 'picky-results'), [record('written', 'unwritten'), record('unwritten')]);
});

test('an event that cannot be written is refused, and not lost by the caller', async () => {
  const queues = await mkdtemp(join(folder, 'queues-'));
  await using served = await serveJournaled(queues);
  await served.accept({});
  await served.reported('event-ended');
  const { exec } = DatabaseSync.prototype;
  // The next transaction fails as on a full disk.
  DatabaseSync.prototype.exec = () => {
    throw new Error('database or disk is full');
  };
  try {
    const { name, message } = await served.accept({ other: 1 }).then(
      () => assert.fail('it was accepted'),
      (error: Error) => error,
    );
    assert.equal(name, 'ServiceException');
    assert.match(message, /events\.sqlite: database or disk is full$/);
  } finally {
    DatabaseSync.prototype.exec = exec;
  }
  const id = await served.accept({});
  assert.equal((await served.reported('event-ended')).requestId, id);
});

test('an unreadable journal is set aside, and the next one is used', async () => {
  const queues = await mkdtemp(join(folder, 'queues-'));
  await writeFile(
    join(queues, 'events.sqlite'),
    'this is no database, and longer than its header of a hundred bytes. '.repeat(9),
  );
  await writeFile(join(queues, 'events.sqlite-wal'), 'its changes');
  await using served = await serveJournaled(queues);
  assert.match((await served.reported('journal-failed')).message, /^cannot be read, and is now \S+\.unreadable-\d+$/);
  await served.accept({});
  assert.equal((await served.reported('event-ended')).condition, 'Success');
  const aside = (await readdir(queues)).filter((name) => name.includes('unreadable'));
  assert.deepEqual(aside.map((name) => name.replace(/\d+/, 'TIME')).sort(), [
    'events.sqlite.unreadable-TIME',
    'events.sqlite.unreadable-TIME-wal',
  ]);
});

test('a server that opens the journal while another one stops loses nothing', async () => {
  const queues = await mkdtemp(join(folder, 'queues-'));
  const ignore = () => {};
  const entry = { targetArn: 'arn', traceId: 'trace', acceptedAt: 0, attempts: 0 };
  for (let round = 0; round < 30; round++) {
    const first = await Journal.open(queues, ignore);
    await first.add({ ...entry, requestId: `first-${round}` }, '{}');
    first.remove(`first-${round}`);
    const closed = first.close();
    // They are refused while the first one has the journal.
    const second = await Journal.open(queues, ignore).catch(() => undefined);
    const accepted = await second?.add({ ...entry, requestId: `second-${round}` }, '{}').then(
      () => 1,
      () => 0,
    );
    await closed;
    await second?.close();
    const third = await Journal.open(queues, ignore);
    assert.equal(third.entries().length, accepted ?? 0);
    third.remove(`second-${round}`);
    await third.close();
  }
});
