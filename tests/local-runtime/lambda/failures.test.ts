import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Duration } from 'aws-cdk-lib/core';
import request from 'supertest';
import { invoke, serve, type TestFunction } from '../../harness/test-stack.ts';

interface Failure extends TestFunction {
  seen: string;
  errorType: string;
  errorMessage: string | RegExp;
  /** Whether the environment ends with it. @default true */
  fatal?: boolean;
}

/** Each fails, unless it is asked to be good: then it tells in which process it runs. */
const failures: Record<string, Failure> = {
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
  throwsString: {
    seen: 'throws what is no Error',
    code: ({ rawQueryString }) => (rawQueryString === 'good' ? process.pid : Promise.reject('boom')),
    errorType: 'string',
    errorMessage: 'boom',
    fatal: false,
  },
  returnsBigInt: {
    seen: 'returns what is not JSON',
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
    seen: 'ends its process',
    code: ({ rawQueryString }) => (rawQueryString === 'good' ? process.pid : process.exit(0)),
    errorType: 'Runtime.ExitError',
    errorMessage: /^RequestId: .{36} Error: Runtime exited without providing a reason$/,
  },
  exitsWith3: {
    seen: 'ends its process with status 3',
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
    seen: 'waits for what never comes',
    code: ({ rawQueryString }) => (rawQueryString === 'good' ? process.pid : new Promise(() => {})),
    errorType: 'Runtime.ExitError',
    errorMessage: /^RequestId: .{36} Error: Runtime exited without providing a reason$/,
  },
  hangs: {
    seen: 'runs in circles until its time is over',
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
    // Whether V8 or Lambda is first to notice depends on how fast the heap grows.
    errorMessage: /^RequestId: .{36} Error: Runtime exited with error: signal: (aborted|killed)$/,
  },
  exceedsMemory: {
    seen: 'takes more memory than it has',
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

/** None of these gets as far as its handler. */
const initFailures: Record<string, Omit<Failure, 'fatal'>> = {
  throwsAtInit: {
    seen: 'throws at initialisation',
    code: "throw new TypeError('too early');",
    errorType: 'TypeError',
    errorMessage: 'too early',
  },
  exitsAtInit: {
    seen: 'ends its process at initialisation',
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

const stack = await serve({
  ...failures,
  ...initFailures,
  recovers: {
    code: `
      import { existsSync, writeFileSync } from 'node:fs';
      const mark = new URL('recovers.mark', import.meta.url);
      if (!existsSync(mark)) {
        writeFileSync(mark, '');
        throw new Error('not yet');
      }
      export const handler = () => ({ recovered: true });`,
  },
});
after(() => stack[Symbol.asyncDispose]());

function assertError(payload: unknown, { errorType, errorMessage }: Pick<Failure, 'errorType' | 'errorMessage'>) {
  assert(typeof payload === 'object' && payload !== null && 'errorType' in payload && 'errorMessage' in payload);
  assert.equal(payload.errorType, errorType);
  if (typeof errorMessage === 'string') assert.equal(payload.errorMessage, errorMessage);
  else assert.match(String(payload.errorMessage), errorMessage);
}

async function assertInternalServerError(path: string): Promise<void> {
  const response = await request(stack.url).get(path);
  assert.equal(response.status, 500);
  assert.equal(response.headers['content-type'], 'application/json');
  assert.equal(response.text, '{"message":"Internal Server Error"}');
}

describe('a function that', { concurrency: true }, () => {
  for (const [name, { seen, fatal = true, ...error }] of Object.entries(failures)) {
    test(`${seen}: the client sees a 500, and the next request is answered`, async () => {
      const before = await request(stack.url).get(`/${name}?good`);
      await assertInternalServerError(`/${name}`);
      const afterwards = await request(stack.url).get(`/${name}?good`);
      assert.equal(afterwards.status, 200);
      if (fatal) assert.notEqual(afterwards.text, before.text, 'the environment has ended');
      else assert.equal(afterwards.text, before.text, 'the environment goes on');
    });

    test(`${seen}: the invocation fails with ${error.errorType}`, async () => {
      const { payload, failed, cold } = await invoke(stack.pool(name));
      assert.deepEqual({ failed, cold }, { failed: true, cold: true });
      assertError(payload, error);
    });
  }

  for (const [name, { seen, ...error }] of Object.entries(initFailures)) {
    test(`${seen}: each request is tried afresh, and is a 500`, async () => {
      await assertInternalServerError(`/${name}`);
      await assertInternalServerError(`/${name}`);
    });

    test(`${seen}: the invocation fails with ${error.errorType}`, async () => {
      const { payload, failed, cold } = await invoke(stack.pool(name));
      assert.deepEqual({ failed, cold }, { failed: true, cold: true });
      assertError(payload, error);
    });
  }
});

test('names the request in what Lambda itself reports', async () => {
  const { payload, requestId } = await invoke(stack.pool('exits'));
  assert.deepEqual(payload, {
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: ${requestId} Error: Runtime exited without providing a reason`,
  });
});

test('answers once initialisation succeeds', async () => {
  await assertInternalServerError('/recovers');
  await request(stack.url).get('/recovers').expect(200, { recovered: true });
});
