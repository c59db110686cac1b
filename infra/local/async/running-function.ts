import type { FunctionModel } from '../cloud-assembly/stack-model.ts';
import type { PoolOptions } from '../lambda/environment-pool.ts';
import { FunctionPool } from '../lambda/function-pool.ts';
import type { Invocation, InvocationResult } from '../lambda/invocation.ts';
import { EventQueue, type EventQueueOptions } from './event-queue.ts';
import type { AttemptRecord, QueuedRecord } from './event-reports.ts';

interface RunningEventOptions extends Omit<EventQueueOptions, 'invoke' | 'concurrency' | 'record'> {
  /** Receives each event in full, when it is queued and after each attempt. @default nobody does */
  record?: ((record: QueuedRecord | AttemptRecord) => void) | undefined;
}

/** A served function: its environments and its asynchronous events. */
export class RunningFunction {
  readonly pool: FunctionPool;
  readonly events: EventQueue;
  private stopped: Promise<void> | undefined;

  constructor(fn: FunctionModel, poolOptions: PoolOptions, eventOptions: RunningEventOptions) {
    this.pool = new FunctionPool(fn, poolOptions);
    this.events = new EventQueue(fn, {
      ...eventOptions,
      invoke: (invocation) => this.attempt(invocation, eventOptions.record),
      concurrency: () => this.pool.maxEnvironments,
    });
  }

  private async attempt(invocation: Invocation, record: RunningEventOptions['record']): Promise<InvocationResult> {
    if (!record) return this.pool.invoke(invocation);
    const startedAt = performance.now();
    let result: InvocationResult | undefined;
    try {
      result = await this.pool.invoke(invocation);
      return result;
    } finally {
      record({ record: 'attempt', invocation, milliseconds: performance.now() - startedAt, result });
    }
  }

  /** Waits for invocations in flight, records the events that have not ended, and ends every environment. */
  stop(): Promise<void> {
    this.stopped ??= this.events.stop().then(() => this.pool.stop());
    return this.stopped;
  }
}
