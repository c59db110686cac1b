import { newTraceId } from '../aws/ids.ts';
import type { FunctionModel } from '../cloud-assembly/stack-model.ts';
import { failureOf } from '../lambda/function-error.ts';
import { ThrottledError } from '../lambda/function-pool.ts';
import type { Invocation, InvocationResult } from '../lambda/invocation.ts';
import type { Clock } from './clock.ts';
import { type DestinationCondition, destinationRecord } from './destination-record.ts';
import { Fifo } from './fifo.ts';

export interface EventQueueOptions {
  /** @throws {ThrottledError} when the function has as many invocations in flight as its concurrency allows. */
  invoke(invocation: Invocation): Promise<InvocationResult>;
  /** The most invocations that it may have in flight; 0 if the function's reserved concurrency is 0. */
  concurrency(): number;
  clock: Clock;
  /** How long to wait before the first retry. The second waits twice as long. */
  retryDelayMs: number;
  /** Sends the record of an event that has ended to a queue. */
  deliver(queue: string, record: string): void;
  /** Waits until the records are written, or a write has failed. */
  written(): Promise<void>;
  report(event: RetryReport | EventEndReport): void;
}

/** A failed asynchronous event that will be retried. */
export interface RetryReport {
  event: 'event-failed';
  function: string;
  requestId: string;
  /** How often the function was invoked with it. */
  attempts: number;
  error: string;
  /** The time until the next attempt. */
  delayMs: number;
}

/** An asynchronous event that has ended. */
export interface EventEndReport {
  event: 'event-ended';
  function: string;
  requestId: string;
  condition: DestinationCondition;
  /** How often the function was invoked with it. */
  attempts: number;
  /** The queue that got its record; undefined if the template has none for it. */
  queue: string | undefined;
}

/** An invocation whose payload is text: it may stay queued for hours. */
export type AsyncInvocation = Invocation & { payload: string };

interface Event {
  invocation: AsyncInvocation;
  acceptedAt: number;
  attempts: number;
  throttles: number;
  last?: InvocationResult;
}

/** Returns the queue for events that a stop of the local runtime interrupts, if the template has none for failures. */
export function undeliveredQueue({ name }: FunctionModel): string {
  return `${name}-undelivered`;
}

/** About how many characters of payload a stop records before it waits for the writes. */
const recordsAtOnce = 1_000_000;

/** Back-off after throttling: from one second to five minutes (docs: invocation-async). */
const throttleDelayMs = { first: 1000, longest: 5 * 60_000 };

/**
 * The asynchronous events of a function. Failed events are retried until they are too old or have failed
 * too often (docs: invocation-async). The configuration is that of the version or alias that was invoked.
 * No accepted event is lost: each one ends as a success or as a record.
 */
export class EventQueue {
  private readonly fn: FunctionModel;
  private readonly options: EventQueueOptions;
  private readonly ready = new Fifo<Event>();
  private readonly waiting = new Map<Event, () => void>();
  private running = 0;
  private stopping = false;
  private settled = Promise.withResolvers<void>();

  constructor(fn: FunctionModel, options: EventQueueOptions) {
    this.fn = fn;
    this.options = options;
  }

  /** The number of events that have not ended. */
  get size(): number {
    return this.ready.size + this.waiting.size + this.running;
  }

  /** Queues an event. It runs as soon as there is a free environment. */
  accept(invocation: AsyncInvocation): void {
    // All attempts belong to one trace.
    const { traceId = newTraceId() } = invocation;
    this.ready.add({
      invocation: { ...invocation, traceId },
      acceptedAt: this.options.clock.elapsed(),
      attempts: 0,
      throttles: 0,
    });
    this.run();
  }

  /** Waits for running events, and records those that are queued or wait for a retry. */
  async stop(): Promise<void> {
    this.stopping = true;
    if (this.running > 0) await this.settled.promise;
    for (const cancel of this.waiting.values()) cancel();
    let length = 0;
    for (const event of this.takeAll()) {
      this.end(event, 'RuntimeStopped');
      length += event.invocation.payload.length;
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
      event.last = await this.options.invoke(event.invocation);
    } catch (error) {
      // Throttled, or an error of the local runtime. The function did not run, so this does not count as an attempt.
      if (!(error instanceof ThrottledError)) console.error(error);
      const delay = throttleDelayMs.first * 2 ** event.throttles++;
      return this.retry(event, Math.min(delay, throttleDelayMs.longest));
    }
    event.attempts++;
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

  private age({ acceptedAt }: Event): number {
    return this.options.clock.elapsed() - acceptedAt;
  }

  private end(event: Event, condition: DestinationCondition): void {
    const { invocation, attempts, last } = event;
    const { onSuccess, onFailure } = invocation.target.asynchronous;
    // An event that a stop interrupts is kept, even if the template has no queue for it.
    const fallback = condition === 'RuntimeStopped' ? undeliveredQueue(this.fn) : undefined;
    const queue = condition === 'Success' ? onSuccess : (onFailure ?? fallback);
    if (queue) {
      const record = destinationRecord({
        timestamp: new Date(this.options.clock.now()),
        requestId: invocation.requestId,
        target: invocation.target,
        condition,
        attempts,
        requestPayload: invocation.payload,
        response: last && { failed: last.failed, payload: String(last.payload) },
      });
      this.options.deliver(queue, record);
    }
    const { requestId } = invocation;
    this.options.report({ event: 'event-ended', function: this.fn.name, requestId, condition, attempts, queue });
  }
}
