import { newTraceId } from '../aws/ids.ts';
import type { FunctionModel, InvokeTarget } from '../cloud-assembly/stack-model.ts';
import { failureOf } from '../lambda/function-error.ts';
import { ThrottledError } from '../lambda/function-pool.ts';
import type { Invocation, InvocationResult } from '../lambda/invocation.ts';
import type { Clock } from './clock.ts';
import { type DestinationCondition, destinationRecord } from './destination-record.ts';
import type { EventEndReport, QueuedRecord, RetryReport } from './event-reports.ts';
import { Fifo } from './fifo.ts';
import type { Journal, JournalEntry, UnwrittenRecord } from './journal.ts';

export interface EventQueueOptions {
  /** @throws {ThrottledError} when the function has as many invocations in flight as its concurrency allows. */
  invoke(invocation: Invocation): Promise<InvocationResult>;
  /** The most invocations that it may have in flight; 0 if the function's reserved concurrency is 0. */
  concurrency(): number;
  clock: Clock;
  /** How long to wait before the first retry. The second waits twice as long. */
  retryDelayMs: number;
  /** Sends the record of an event that has ended to its queue. @returns once it is written */
  deliver(record: UnwrittenRecord): Promise<void>;
  /** Waits until the records are written, or a write has failed. */
  written(): Promise<void>;
  report(event: RetryReport | EventEndReport): void;
  /** Receives each event in full when it is queued. @default nobody does */
  record?: ((record: QueuedRecord) => void) | undefined;
  /** Where events are on the disk. @default nowhere: a stop records those that have not ended */
  journal?: Journal | undefined;
}

/** An invocation whose payload is text: it may stay queued for hours. */
export type AsyncInvocation = Invocation & { payload: string };

interface Event {
  invocation: Omit<AsyncInvocation, 'payload'>;
  /** Undefined where it is in the journal only. */
  payload: string | undefined;
  acceptedAt: number;
  attempts: number;
  throttles: number;
  last?: InvocationResult;
}

/** Returns the queue for events that a stop of the local runtime interrupts, if the template has none for failures. */
export function undeliveredQueue({ name }: FunctionModel): string {
  return `${name}-undelivered`;
}

/** How many characters of payload wait in memory, if there is a journal. */
const heldLength = 64_000_000;

/** About how many characters of payload a stop records before it waits for the writes. */
const recordsAtOnce = 1_000_000;

/** Back-off after throttling: from one second to five minutes (docs: invocation-async). */
const throttleDelayMs = { first: 1000, longest: 5 * 60_000 };

/**
 * The asynchronous events of a function. Failed events are retried until they are too old or have failed
 * too often (docs: invocation-async). The configuration is that of the version or alias that was invoked.
 * No accepted event is lost: each one ends as a success, as a record, or in the journal.
 */
export class EventQueue {
  private readonly fn: FunctionModel;
  private readonly options: EventQueueOptions;
  private readonly ready = new Fifo<Event>();
  private readonly waiting = new Map<Event, () => void>();
  private running = 0;
  private stopping = false;
  /** Of the payloads that wait in memory. */
  private heldLength = 0;
  private settled = Promise.withResolvers<void>();

  constructor(fn: FunctionModel, options: EventQueueOptions) {
    this.fn = fn;
    this.options = options;
  }

  /** The number of events that have not ended. */
  get size(): number {
    return this.ready.size + this.waiting.size + this.running;
  }

  /**
   * Queues an event. It runs as soon as there is a free environment.
   * @returns once it is in the journal
   * @throws {StorageError} when the journal cannot be written. The event is not accepted then.
   */
  async accept({ payload, ...invocation }: AsyncInvocation): Promise<void> {
    const { clock, journal } = this.options;
    const { requestId, target, traceId = newTraceId() } = invocation;
    const acceptedAt = clock.elapsed();
    const entry = { requestId, targetArn: target.arn, traceId, acceptedAt: clock.now(), attempts: 0 };
    await journal?.add(entry, payload);
    const isHeld = !journal || this.heldLength + payload.length <= heldLength;
    if (isHeld) this.heldLength += payload.length;
    // All attempts belong to one trace.
    const held = isHeld ? payload : undefined;
    const event: Event = {
      invocation: { ...invocation, traceId },
      payload: held,
      acceptedAt,
      attempts: 0,
      throttles: 0,
    };
    this.options.record?.({ record: 'queued', invocation: event.invocation, payload, attempts: 0 });
    this.ready.add(event);
    this.run();
  }

  /** Queues an event of an earlier run. */
  resume({ requestId, traceId, acceptedAt, attempts }: JournalEntry, target: InvokeTarget): void {
    const { clock } = this.options;
    const invocation = { requestId, target, traceId };
    const age = Math.max(0, clock.now() - acceptedAt);
    this.options.record?.({ record: 'queued', invocation, payload: undefined, attempts });
    this.ready.add({ invocation, payload: undefined, acceptedAt: clock.elapsed() - age, attempts, throttles: 0 });
    this.run();
  }

  /** Waits for running events. Those that are queued or wait for a retry stay in the journal, or else are recorded. */
  async stop(): Promise<void> {
    this.stopping = true;
    if (this.running > 0) await this.settled.promise;
    for (const cancel of this.waiting.values()) cancel();
    if (this.options.journal) return;
    let length = 0;
    for (const event of this.takeAll()) {
      this.end(event, 'RuntimeStopped');
      length += event.payload?.length ?? 0;
      if (length < recordsAtOnce) continue;
      // Events are freed as they are written: all of their records at once might not fit into memory.
      await this.options.written();
      length = 0;
    }
  }

  /** Removes and returns the events that have not ended, one by one. */
  private *takeAll(): Generator<Event> {
    yield* this.ready.takeAll();
    for (const event of this.waiting.keys()) {
      this.waiting.delete(event);
      yield event;
    }
  }

  private run(): void {
    // Without any concurrency, events must still end.
    while (!this.stopping && this.running < Math.max(1, this.options.concurrency())) {
      const event = this.ready.take();
      if (!event) return;
      this.running++;
      this.attempt(event)
        .catch(console.error)
        .finally(() => {
          this.running--;
          if (this.running === 0 && this.stopping) this.settled.resolve();
          this.run();
        });
    }
  }

  private async attempt(event: Event): Promise<void> {
    const { maxAgeMs, maxRetries } = event.invocation.target.asynchronous;
    // Lambda does not wait for the concurrency to be raised (PLATFORM_FACTS 8.3).
    if (this.options.concurrency() === 0) return this.end(event, 'ZeroReservedConcurrency');
    if (this.age(event) >= maxAgeMs) return this.end(event, 'EventAgeExceeded');
    try {
      event.last = await this.options.invoke({ ...event.invocation, payload: this.payloadOf(event) });
    } catch (error) {
      // Throttled, or an error of the local runtime. The function did not run, so this does not count as an attempt.
      if (!(error instanceof ThrottledError)) console.error(error);
      const delay = throttleDelayMs.first * 2 ** event.throttles++;
      return this.retry(event, Math.min(delay, throttleDelayMs.longest));
    }
    event.attempts++;
    this.options.journal?.attempted(event.invocation.requestId, event.attempts);
    if (!event.last.failed) return this.end(event, 'Success');
    if (event.attempts > maxRetries) return this.end(event, 'RetriesExhausted');
    this.retry(event, this.options.retryDelayMs * event.attempts, failureOf(event.last.payload));
  }

  /**
   * Queues an event again after a delay. An event whose next attempt would come after its maximum age ends at
   * once (PLATFORM_FACTS 8.3).
   * @param error what the function failed with, if it ran
   */
  private retry(event: Event, delayMs: number, error?: string): void {
    const { invocation, attempts } = event;
    if (this.age(event) + delayMs >= invocation.target.asynchronous.maxAgeMs) {
      this.end(event, 'EventAgeExceeded');
      return;
    }
    if (error !== undefined) {
      const { requestId } = invocation;
      this.options.report({ event: 'event-failed', function: this.fn.name, requestId, attempts, error, delayMs });
    }
    const cancel = this.options.clock.after(delayMs, () => {
      this.waiting.delete(event);
      this.ready.add(event);
      this.run();
    });
    this.waiting.set(event, cancel);
  }

  /** After a crash, a record that the journal has is written once. One that only its queue has would be written again. */
  private async deliver(record: UnwrittenRecord): Promise<void> {
    const { journal, deliver } = this.options;
    await journal?.ended(record);
    await deliver(record);
    journal?.remove(record.requestId);
  }

  private payloadOf({ payload, invocation }: Event): string {
    return payload ?? this.options.journal?.payload(invocation.requestId) ?? '';
  }

  private age({ acceptedAt }: Event): number {
    return this.options.clock.elapsed() - acceptedAt;
  }

  private end(event: Event, condition: DestinationCondition): void {
    const { invocation, attempts, last } = event;
    const { requestId } = invocation;
    const { journal } = this.options;
    const { onSuccess, onFailure } = invocation.target.asynchronous;
    // An event that a stop interrupts is kept, even if the template has no queue for it.
    const fallback = condition === 'RuntimeStopped' ? undeliveredQueue(this.fn) : undefined;
    const queue = condition === 'Success' ? onSuccess : (onFailure ?? fallback);
    if (queue) {
      const record = destinationRecord({
        timestamp: new Date(this.options.clock.now()),
        requestId,
        target: invocation.target,
        condition,
        attempts,
        requestPayload: this.payloadOf(event),
        response: last && { failed: last.failed, payload: String(last.payload) },
      });
      this.deliver({ requestId, queue, record });
    } else {
      journal?.remove(requestId);
    }
    this.heldLength -= event.payload?.length ?? 0;
    this.options.report({ event: 'event-ended', function: this.fn.name, requestId, condition, attempts, queue });
  }
}
