import type { RunningInvocation } from './running-invocation.ts';

/** What the process of an execution environment does. */
type Working =
  | { name: 'starting'; attempt: 'first' | 'last'; since: number; initError?: Buffer }
  | { name: 'idle' }
  | { name: 'busy'; running: RunningInvocation }
  /** It has responded, and does not wait for the next invocation yet. */
  | { name: 'finishing' };

export type Phase =
  | Working
  /** The process exits or was killed. `before` is what that interrupts. */
  | { name: 'ending'; before: Working; cause: 'timeout' | 'stopped' | 'died' }
  | { name: 'ended'; initFailure?: (requestId: string) => Buffer };

export interface EnvironmentObserver {
  /** The environment is `idle` or `ended` now. */
  changed(): void;
  /** The function wrote a line. There is no request id outside of an invocation. */
  line(line: string, requestId: string | undefined): void;
  /** Returns a line as it is logged. */
  translate(line: string): string;
}
