/** The event queue and its journal on a simulated machine: its clock, its function, its disk and its end are the test's. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { Destination, type QueuedRecord } from '../../../infra/local/async/destination.ts';
import { Destinations } from '../../../infra/local/async/destinations.ts';
import { EventQueue } from '../../../infra/local/async/event-queue.ts';
import { Journal } from '../../../infra/local/async/journal.ts';
import type { FunctionModel, InvokeTarget } from '../../../infra/local/cloud-assembly/stack-model.ts';
import { ThrottledError } from '../../../infra/local/lambda/function-pool.ts';
import type { InvocationResult } from '../../../infra/local/lambda/invocation.ts';
import { ManualClock } from '../../harness/manual-clock.ts';

const concurrency = 2;
const fn = { name: 'simulated' } as FunctionModel;
const targetWith = (maxRetries: number) =>
  ({
    function: fn,
    arn: 'arn:simulated',
    version: '1',
    asynchronous: { maxRetries, maxAgeMs: 6 * 3600_000, onFailure: 'failures', onSuccess: undefined },
  }) as InvokeTarget;

export type Outcome = 'success' | 'failure' | 'throttled';

/** A queue on the simulated disk: a record is written when the test says so. */
class SimulatedDestination extends Destination {
  readonly records: QueuedRecord[] = [];
  private readonly pending: { record: QueuedRecord; done: () => void }[] = [];

  override add(record: QueuedRecord): Promise<void> {
    return new Promise((done) => this.pending.push({ record, done }));
  }

  writePending(): void {
    for (const { record, done } of this.pending.splice(0)) {
      this.keep(record);
      done();
    }
  }

  /** The process ends: what waits is lost, or was written just before. */
  crash({ isWritten }: { isWritten: boolean }): void {
    const lost = this.pending.splice(0);
    if (isWritten) for (const { record } of lost) this.keep(record);
  }

  /** As the queues do: a message whose id is there is not written again. */
  private keep(record: QueuedRecord): void {
    if (!this.records.some(({ id }) => id === record.id)) this.records.push(record);
  }
}

class SimulatedDisk extends Destinations {
  readonly queue = new SimulatedDestination(
    'simulated',
    async () => {},
    () => {},
  );

  constructor() {
    super({ write: async () => {}, report() {} });
  }

  override named(_name: string): Destination {
    return this.queue;
  }
}

/** What one simulated run did and saw. */
export class SimulatedQueue implements AsyncDisposable {
  readonly accepted = new Set<string>();
  readonly succeeded = new Set<string>();
  private readonly folder: string;
  private readonly target: InvokeTarget;
  private readonly disk: SimulatedDisk;
  /** Of the process: a timer of one that has crashed never fires. */
  private clock = new ManualClock();
  private mostRunning = 0;
  private running: { requestId: string; end: (outcome: Outcome) => void }[] = [];
  private journal!: Journal;
  private queue!: EventQueue;
  private events = 0;
  /** The events whose responses have not come. */
  private sending: Promise<unknown>[] = [];

  static async start(maxRetries: number): Promise<SimulatedQueue> {
    const folder = await mkdtemp(join(tmpdir(), 'feeling-api-test-'));
    const simulated = new SimulatedQueue(folder, targetWith(maxRetries));
    await simulated.restart();
    return simulated;
  }

  private constructor(folder: string, target: InvokeTarget) {
    this.folder = folder;
    this.target = target;
    this.disk = new SimulatedDisk();
  }

  /** Sends an event. @param awaits whether its response comes before what happens next */
  async accept(awaits: boolean): Promise<void> {
    const requestId = `event-${this.events++}`;
    const accepted = this.queue
      .accept({ target: this.target, requestId, payload: `{"id":"${requestId}"}` })
      .then(() => this.accepted.add(requestId));
    this.sending.push(accepted);
    if (awaits) await accepted;
  }

  /** Ends an invocation, if one is running. */
  async settle(outcome: Outcome): Promise<void> {
    this.running.shift()?.end(outcome);
    await microtasks();
  }

  async advance(milliseconds: number): Promise<void> {
    this.clock.advance(milliseconds);
    await microtasks();
  }

  /** Lets the journal commit. */
  async commit(): Promise<void> {
    await turn();
  }

  /** Writes the records that wait. */
  async write(): Promise<void> {
    this.disk.queue.writePending();
    await microtasks();
  }

  /** Stops as on SIGTERM, and starts again. */
  async stopAndStart(): Promise<void> {
    // The server responds to every request before it stops.
    await Promise.all(this.sending);
    const stopped = this.queue.stop();
    while (this.running.length > 0) await this.settle('failure');
    await stopped;
    await this.journal.flush();
    this.disk.queue.writePending();
    await this.journal.close();
    await this.restart();
  }

  /** Ends as by `kill -9`: what is not on the disk is lost. Starts again. */
  async crashAndStart(isWritten: boolean): Promise<void> {
    const { journal } = this;
    await Reflect.get(journal, 'opening');
    const database: { close(): void } | undefined = Reflect.get(journal, 'database');
    database?.close();
    // Nothing of that process goes on.
    Object.assign(journal, { changes: [], database: undefined, connect: () => new Promise(() => {}) });
    this.sending = [];
    this.disk.queue.crash({ isWritten });
    this.running = [];
    await this.restart();
  }

  /** Lets everything end, and asserts that no accepted event is lost, and none recorded twice. */
  async assertNoneLost(): Promise<void> {
    await Promise.all(this.sending);
    for (let tries = 0; this.queue.size > 0 || this.running.length > 0; tries++) {
      assert(tries < 1000, 'the queue does not come to an end');
      while (this.running.length > 0) await this.settle('success');
      await this.advance(400_000);
    }
    for (let n = 0; n < 3; n++) {
      await this.commit();
      await this.write();
    }
    const recorded = this.disk.queue.records.map(({ body }) => JSON.parse(body).requestContext.requestId);
    assert.equal(new Set(recorded).size, recorded.length, 'an event is recorded twice');
    for (const id of this.accepted) assert(this.succeeded.has(id) || recorded.includes(id), `${id} is lost`);
    assert(this.mostRunning <= concurrency, 'an environment had two invocations');
    assert.equal(await this.journal.close(), 0, 'the journal keeps an event that has ended');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.journal.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  private async restart(): Promise<void> {
    const journal = await Journal.open(this.folder, ({ message }) => assert.fail(message));
    this.journal = journal;
    const elapsed = this.clock.now();
    this.clock = new ManualClock();
    this.clock.advance(elapsed - this.clock.now());
    const queue: EventQueue = new EventQueue(fn, {
      invoke: (invocation) => this.invoke(invocation.requestId),
      concurrency: () => concurrency,
      clock: this.clock,
      retryDelayMs: 60_000,
      deliver: ({ requestId, queue: name, record }) => this.disk.named(name).add({ id: requestId, body: record }),
      written: async () => {},
      // A queue that has crashed reports nothing.
      report: (event) => {
        if (this.queue === queue && event.event === 'event-ended' && event.condition === 'Success') {
          this.succeeded.add(event.requestId);
        }
      },
      journal,
    });
    this.queue = queue;
    this.disk.recover(journal);
    for (const entry of journal.entries()) queue.resume(entry, this.target);
    await turn();
  }

  private invoke(requestId: string): Promise<InvocationResult> {
    return new Promise((resolve, reject) => {
      const end = (outcome: Outcome) => {
        if (outcome === 'throttled') reject(new ThrottledError('ConcurrentInvocationLimitExceeded'));
        else resolve({ payload: Buffer.from('{"errorType":"E"}'), failed: outcome === 'failure', cold: false });
      };
      this.running.push({ requestId, end });
      this.mostRunning = Math.max(this.mostRunning, this.running.length);
    });
  }
}

/** Waits until all that follows at once has run, but nothing that needs another turn: no commit, no write. */
async function microtasks(): Promise<void> {
  for (let n = 0; n < 30; n++) await null;
}
