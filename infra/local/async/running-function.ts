import type { FunctionModel } from '../cloud-assembly/stack-model.ts';
import type { PoolOptions } from '../lambda/environment-pool.ts';
import { FunctionPool } from '../lambda/function-pool.ts';
import { EventQueue, type EventQueueOptions } from './event-queue.ts';

/** A served function: its environments and its asynchronous events. */
export class RunningFunction {
  readonly pool: FunctionPool;
  readonly events: EventQueue;
  private stopped: Promise<void> | undefined;

  constructor(
    fn: FunctionModel,
    poolOptions: PoolOptions,
    eventOptions: Omit<EventQueueOptions, 'invoke' | 'concurrency'>,
  ) {
    this.pool = new FunctionPool(fn, poolOptions);
    this.events = new EventQueue(fn, {
      ...eventOptions,
      invoke: (invocation) => this.pool.invoke(invocation),
      concurrency: () => this.pool.maxEnvironments,
    });
  }

  /** Waits for invocations in flight, records the events that have not ended, and ends every environment. */
  stop(): Promise<void> {
    this.stopped ??= this.events.stop().then(() => this.pool.stop());
    return this.stopped;
  }
}
