import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import request from 'supertest';
import { longOnly } from '../../harness/long-form.ts';
import { invoke, serve } from '../../harness/test-stack.ts';
import { type Failure, failures, initFailures } from './failures.cases.ts';

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

describe('a function that', { concurrency: 4 }, () => {
  for (const [name, { seen, fatal = true, ...error }] of Object.entries(failures)) {
    /** @aws 1.4: A function error leads to 500 `{"message":"Internal Server Error"}`. */
    test(`${seen}: the client gets 500, and the next request succeeds`, async () => {
      const before = await request(stack.url).get(`/${name}?good`);
      await assertInternalServerError(`/${name}`);
      const afterwards = await request(stack.url).get(`/${name}?good`);
      assert.equal(afterwards.status, 200);
      if (fatal) assert.notEqual(afterwards.text, before.text, 'the environment has ended');
      else assert.equal(afterwards.text, before.text, 'the environment continues');
    });

    test(`${seen}: the invocation fails with ${error.errorType}`, async () => {
      const { payload, failed, cold } = await invoke(stack.pool(name));
      assert.deepEqual({ failed, cold }, { failed: true, cold: true });
      assertError(payload, error);
    });
  }

  for (const [name, { seen, ...error }] of Object.entries(initFailures)) {
    /** @aws docs:lambda-runtime-environment: An initialisation that failed is repeated by the next invocation. */
    test(`${seen}: each request repeats the initialisation, and gets 500`, longOnly, async () => {
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

/** @aws 3.2: A timeout or an exit is reported with the request id in its message. */
test('an error that Lambda itself reports names the request', async () => {
  const { payload, requestId } = await invoke(stack.pool('exits'));
  assert.deepEqual(payload, {
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: ${requestId} Error: Runtime exited without providing a reason`,
  });
});

test('requests succeed once initialisation does', async () => {
  await assertInternalServerError('/recovers');
  await request(stack.url).get('/recovers').expect(200, { recovered: true });
});
