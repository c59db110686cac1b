/** The time and timers, so that a test does not have to wait minutes for a retry. */
export interface Clock {
  /** Returns the time of day in milliseconds since 1970. It jumps when the machine's clock is set. */
  now(): number;
  /** Returns the milliseconds since some fixed moment. It never jumps. */
  elapsed(): number;
  /** Calls back once, after the milliseconds. @returns cancels the call */
  after(milliseconds: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
};
