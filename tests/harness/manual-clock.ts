import type { Clock } from '../../infra/local/async/clock.ts';

/** How far off its time a timer fires. Node's timers count whole milliseconds of another clock. */
const inaccuraciesMs = [-0.7, 1.6, 0.2];

/**
 * A clock that stands still until `advance` is called. Like Node's timers, its timers fire slightly early or late.
 */
export class ManualClock implements Clock {
  private time = Date.UTC(2026, 0, 1);
  private inaccuracyMs = 0;
  private fired = 0;
  private readonly timers = new Set<{ at: number; callback: () => void }>();
  private readonly watchers = new Set<() => void>();

  now(): number {
    return this.time;
  }

  elapsed(): number {
    return this.time + this.inaccuracyMs;
  }

  after(milliseconds: number, callback: () => void): () => void {
    const timer = { at: this.time + milliseconds, callback };
    this.timers.add(timer);
    for (const watcher of this.watchers) watcher();
    return () => this.timers.delete(timer);
  }

  /** Waits until that many timers are set. @returns the milliseconds that each one has left */
  async waiting(count: number): Promise<number[]> {
    while (this.timers.size < count) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.watchers.add(resolve);
      await promise;
      this.watchers.delete(resolve);
    }
    return [...this.timers].map(({ at }) => at - this.time);
  }

  /** Moves the time forward, and calls the timers that are due. */
  advance(milliseconds: number): void {
    this.time += milliseconds;
    for (const timer of [...this.timers]) {
      if (timer.at > this.time) continue;
      this.timers.delete(timer);
      this.inaccuracyMs = inaccuraciesMs[this.fired++ % inaccuraciesMs.length] ?? 0;
      timer.callback();
      this.inaccuracyMs = 0;
    }
  }
}
