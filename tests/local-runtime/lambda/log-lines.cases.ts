import { Duration } from '../../harness/duration.ts';
import type { TestFunction } from '../../harness/test-stack.ts';

export interface Ending {
  /** What the function does after it has written. */
  code: string;
  /** Whether it writes and ends while it initialises. @default false */
  atInit?: boolean;
  options?: TestFunction['options'];
  /** Whether `npm test` tries it too. @default false */
  inShortForm?: boolean;
}

/** The ways in which an invocation can end. */
export const endings: Record<string, Ending> = {
  responds: { code: 'return 1;', inShortForm: true },
  throws: { code: "throw new Error('boom');" },
  exits: { code: 'process.exit(1);', inShortForm: true },
  'exits with status 0': { code: 'process.exit(0);' },
  'kills itself': { code: "process.kill(process.pid, 'SIGKILL');" },
  aborts: { code: 'process.abort();' },
  'throws outside of its handler': {
    code: "setImmediate(() => { throw new Error('boom'); }); await new Promise(() => {});",
  },
  'leaves a rejection unhandled': { code: "Promise.reject(new Error('boom')); await new Promise(() => {});" },
  'never settles': { code: 'await new Promise(() => {});' },
  'loops until its timeout': {
    code: 'for (;;);',
    options: { timeout: Duration.seconds(2) },
    inShortForm: true,
  },
  'waits until its timeout': {
    code: 'await new Promise((resolve) => setTimeout(resolve, 60_000));',
    options: { timeout: Duration.seconds(2) },
  },
  'fills the heap of V8': {
    code: 'const kept = []; for (;;) kept.push({});',
    options: { memorySize: 128 },
    inShortForm: true,
  },
  'uses more memory than it has': {
    code: 'const kept = Buffer.alloc(300 * 1024 * 1024, 1); await new Promise((resolve) => setTimeout(resolve, 60_000, kept));',
  },
  'exits at initialisation': { code: 'process.exit(1);', atInit: true, inShortForm: true },
  'throws at initialisation': { code: "throw new Error('boom');", atInit: true },
};
