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
