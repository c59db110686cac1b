import type { Throttle } from '../cloud-assembly/stack-model.ts';

/** Allows `burst` requests at once and `rate` requests a second on average (docs: http-api-throttling). */
export class TokenBucket {
  readonly throttle: Throttle;
  private readonly now: () => number;
  private tokens: number;
  private filledAt: number;

  /** @param now a clock in milliseconds @default the monotonic clock of the process */
  constructor(throttle: Throttle, now = () => performance.now()) {
    this.throttle = throttle;
    this.now = now;
    this.tokens = throttle.burst;
    this.filledAt = now();
  }

  /** Takes a token. @returns whether there was one */
  take(): boolean {
    const { rate, burst } = this.throttle;
    const now = this.now();
    this.tokens = Math.min(burst, this.tokens + ((now - this.filledAt) / 1000) * rate);
    this.filledAt = now;
    if (this.tokens < 1) return false;
    this.tokens--;
    return true;
  }
}
