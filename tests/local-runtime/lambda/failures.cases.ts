import { Duration } from '../../harness/duration.ts';
import type { TestFunction } from '../../harness/test-stack.ts';

export interface Failure extends TestFunction {
  seen: string;
  errorType: string;
  errorMessage: string | RegExp;
  /** Whether it ends the environment. @default true */
  fatal?: boolean;
}

/** Each one fails, unless the query is `good`: then it returns its process id. */
export const failures: Record<string, Failure> = {
  /** @aws 3.2: An error is `{errorType, errorMessage, trace}`. */
  throws: {
    seen: 'throws',
    code: ({ rawQueryString }) => {
      if (rawQueryString === 'good') return process.pid;
      throw new RangeError('boom');
    },
    errorType: 'RangeError',
    errorMessage: 'boom',
    fatal: false,
  },
  /** @aws 4: A thrown value that is no error has its type as `errorType`. */
  throwsString: {
    seen: 'throws a string',
    code: ({ rawQueryString }) => (rawQueryString === 'good' ? process.pid : Promise.reject('boom')),
    errorType: 'string',
    errorMessage: 'boom',
    fatal: false,
  },
  /** @aws 4: A result that JSON cannot hold: `Runtime.JSONStringifyError`. */
  returnsBigInt: {
    seen: 'returns a value that JSON cannot hold',
    code: ({ rawQueryString }) => (rawQueryString === 'good' ? process.pid : 1n),
    errorType: 'Runtime.JSONStringifyError',
    errorMessage: 'Unable to stringify response body',
    fatal: false,
  },
  returnsTooMuch: {
    seen: 'returns 7 MB',
    code: ({ rawQueryString }) => (rawQueryString === 'good' ? process.pid : 'x'.repeat(7 * 1024 * 1024)),
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
    fatal: false,
  },
  exits: {
    seen: 'exits',
    code: ({ rawQueryString }) => (rawQueryString === 'good' ? process.pid : process.exit(0)),
    errorType: 'Runtime.ExitError',
    errorMessage: /^RequestId: .{36} Error: Runtime exited without providing a reason$/,
  },
  exitsWith3: {
    seen: 'exits with status 3',
    code: ({ rawQueryString }) => (rawQueryString === 'good' ? process.pid : process.exit(3)),
    errorType: 'Runtime.ExitError',
    errorMessage: /^RequestId: .{36} Error: Runtime exited with error: exit status 3$/,
  },
  rejectsUnhandled: {
    seen: 'leaves a rejection unhandled',
    code: async ({ rawQueryString }) => {
      if (rawQueryString === 'good') return process.pid;
      Promise.reject(new Error('nobody listens'));
      await new Promise((resolve) => setTimeout(resolve, 10_000));
    },
    errorType: 'Runtime.ExitError',
    errorMessage: /^RequestId: .{36} Error: Runtime exited with error: exit status 1$/,
  },
  neverSettles: {
    seen: 'waits for a promise that never settles',
    code: ({ rawQueryString }) => (rawQueryString === 'good' ? process.pid : new Promise(() => {})),
    errorType: 'Runtime.ExitError',
    errorMessage: /^RequestId: .{36} Error: Runtime exited without providing a reason$/,
  },
  hangs: {
    seen: 'loops until its timeout',
    code: ({ rawQueryString }) => {
      while (rawQueryString !== 'good');
      return process.pid;
    },
    options: { timeout: Duration.seconds(1) },
    errorType: 'Sandbox.Timedout',
    errorMessage: /^RequestId: .{36} Error: Task timed out after 1\.00 seconds$/,
  },
  exhaustsHeap: {
    seen: 'fills the heap of V8',
    code: ({ rawQueryString }) => {
      const kept: object[] = [];
      while (rawQueryString !== 'good') kept.push({});
      return process.pid;
    },
    options: { memorySize: 128 },
    errorType: 'Runtime.ExitError',
    // How fast the heap grows decides whether V8 or Lambda notices first.
    errorMessage: /^RequestId: .{36} Error: Runtime exited with error: signal: (aborted|killed)$/,
  },
  /** @aws 4: More memory than the function has ends it. @here the memory is measured ten times a second: it can be exceeded for that long. */
  exceedsMemory: {
    seen: 'uses more memory than it has',
    code: async ({ rawQueryString }) => {
      if (rawQueryString === 'good') return process.pid;
      const kept = [Buffer.alloc(300 * 1024 * 1024, 1)];
      await new Promise((resolve) => setTimeout(resolve, 10_000));
      return kept.length;
    },
    errorType: 'Runtime.ExitError',
    errorMessage: /^RequestId: .{36} Error: Runtime exited with error: signal: killed$/,
  },
};

/** Functions that fail before their handler runs. */
export const initFailures: Record<string, Omit<Failure, 'fatal'>> = {
  throwsAtInit: {
    seen: 'throws at initialisation',
    code: "throw new TypeError('too early');",
    errorType: 'TypeError',
    errorMessage: 'too early',
  },
  exitsAtInit: {
    seen: 'exits at initialisation',
    code: 'process.exit(7);',
    errorType: 'Runtime.ExitError',
    errorMessage: /^RequestId: .{36} Error: Runtime exited with error: exit status 7$/,
  },
  exportsNothing: {
    seen: 'exports no handler',
    code: 'export const other = 1;',
    errorType: 'Runtime.HandlerNotFound',
    errorMessage: 'exportsNothing.handler is undefined or not exported',
  },
  isAbsent: {
    seen: 'has no module',
    code: '',
    handler: 'nowhere.handler',
    errorType: 'Runtime.ImportModuleError',
    errorMessage: /Cannot find module 'nowhere'/,
  },
  isBroken: {
    seen: 'is not JavaScript',
    code: 'export const handler = (;',
    errorType: 'Runtime.UserCodeSyntaxError',
    errorMessage: /^SyntaxError: /,
  },
  takesCallback: {
    seen: 'takes a callback',
    code: 'export const handler = (event, context, callback) => callback(null, 1);',
    errorType: 'Runtime.CallbackHandlerDeprecated',
    errorMessage: /callback/,
  },
};
