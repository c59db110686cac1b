import type { FunctionModel } from '../cloud-assembly/stack-model.ts';
import type { PoolOptions } from '../lambda/environment-pool.ts';
import { FunctionPool } from '../lambda/function-pool.ts';
import { EventQueue, type EventQueueOptions } from './event-queue.ts';

/** A function that is served: what runs it, and its events that nobody waits for. */
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
      // With no concurrency at all, events still have to come to their end.
      concurrency: () => Math.max(1, this.pool.maxEnvironments),
    });
  }

  /** Waits for what is under way, records the events that still wait, and ends every environment. */
  stop(): Promise<void> {
    this.stopped ??= this.events.stop().then(() => this.pool.stop());
    return this.stopped;
  }
}
