/** The time, and waiting for it: so that tests need not wait for the minutes between two attempts. */
export interface Clock {
  /** Milliseconds since 1970, for whoever reads them. A clock that is set right jumps. */
  now(): number;
  /** Milliseconds since some moment: it never jumps. */
  elapsed(): number;
  /** Calls back once, after the milliseconds. @returns what calls it off */
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
