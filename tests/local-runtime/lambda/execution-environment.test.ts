import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, describe, test } from 'node:test';
import request from 'supertest';
import { latest } from '../../../infra/local/aws/arn.ts';
import { readAssembly } from '../../../infra/local/cloud-assembly/read-assembly.ts';
import { EnvironmentPool } from '../../../infra/local/lambda/environment-pool.ts';
import { FunctionPool, ThrottledError } from '../../../infra/local/lambda/function-pool.ts';
import { Duration } from '../../harness/duration.ts';
import { openGate } from '../../harness/gate.ts';
import { invocationOf, invoke, isAlive, serve, synthesise } from '../../harness/test-stack.ts';

const gate = await openGate();
after(() => gate[Symbol.asyncDispose]());
const environment = { GATE: gate.url };

/** Waits at the gate. Counts invocations in module state, in all and concurrent ones. */
const waits = `
  let invocations = 0;
  let atOnce = 0;
  export const handler = async () => {
    invocations++;
    atOnce++;
    const answer = { pid: process.pid, invocations, atOnce };
    await (await fetch(process.env.GATE + '?pid=' + process.pid)).text();
    atOnce--;
    return answer;
  };`;

const stack = await serve({
  counts: {
    code: 'let invocations = 0; export const handler = () => ({ pid: process.pid, invocations: ++invocations });',
  },
  waits: { code: waits, options: { environment } },
  waitsAlone: { code: waits, options: { environment, reservedConcurrentExecutions: 1 } },
  takesLong: {
    code: `
      await (await fetch(process.env.GATE + '?pid=' + process.pid)).text();
      ${waits}`,
    // Longer than any test, so that a timeout cannot be the reason for its end.
    options: { environment, timeout: Duration.minutes(15) },
  },
  lingers: {
    // Its connection closes when its process ends, and not before.
    code: async () => {
      Object.assign(globalThis, { kept: await fetch(process.env['GATE'] ?? '') });
      return process.pid;
    },
    options: { environment },
  },
  setsTimer: {
    code: () => {
      // Fires when the response is long out.
      setTimeout(() => fetch(process.env['GATE'] ?? ''), 50);
      return 'ended';
    },
    options: { environment },
  },
  hasChild: {
    code: async () => {
      const { spawn } = process.getBuiltinModule('node:child_process');
      const code = 'await (await fetch(process.env.GATE)).text()';
      spawn(process.execPath, ['--input-type=module', '--eval', code], { stdio: 'inherit' });
      await new Promise(() => setTimeout(() => {}, 60_000));
    },
    options: { environment },
  },
});
after(() => stack[Symbol.asyncDispose]());

describe('an execution environment', () => {
  test('an execution environment serves one request after another, and keeps its state', async () => {
    const answers = [];
    for (let i = 0; i < 3; i++) answers.push((await request(stack.url).get('/counts').expect(200)).body);
    const [{ pid }] = answers;
    assert.deepEqual(answers, [
      { pid, invocations: 1 },
      { pid, invocations: 2 },
      { pid, invocations: 3 },
    ]);
  });

  test('only the first invocation of an environment is cold', async () => {
    const pool = stack.pool('counts');
    assert.equal((await invoke(pool)).cold, true);
    assert.equal((await invoke(pool)).cold, false);
  });

  /** @aws docs:lambda-concurrency: An execution environment has one invocation at a time. */
  test('an environment has one invocation at a time', async () => {
    const pool = stack.pool('waits', { maxEnvironments: 3 });
    const invocations = Array.from({ length: 9 }, () => invoke(pool));
    for (const _ of invocations) (await gate.arrival()).release();
    const answers = (await Promise.all(invocations)).map(({ payload }) => payload);
    assert.deepEqual(
      answers.map(({ atOnce }) => atOnce),
      Array(9).fill(1),
    );
  });

  test('a request that arrives during another one gets an environment of its own', async () => {
    const pool = stack.pool('waits');
    const invocations = [invoke(pool), invoke(pool)];
    const arrivals = [await gate.arrival(), await gate.arrival()];
    for (const { release } of arrivals) release();
    const [one, two] = await Promise.all(invocations);
    assert.notEqual(one?.payload.pid, two?.payload.pid);
  });

  /** @aws docs:lambda-concurrency: Lambda starts an environment for each invocation that finds none, up to the concurrency. @here a request waits if all `MAX_ENVIRONMENTS` are busy. */
  test('requests share environments once the maximum is reached', async () => {
    const pool = stack.pool('waits', { maxEnvironments: 2 });
    const invocations = Array.from({ length: 5 }, () => invoke(pool));
    const [one, two] = [await gate.arrival(), await gate.arrival()];
    one.release();
    const three = await gate.arrival();
    assert.equal(three.pid, one.pid, 'the queued request takes the free environment');
    two.release();
    three.release();
    for (const _ of ['four', 'five']) (await gate.arrival()).release();
    const pids = (await Promise.all(invocations)).map(({ payload }) => payload.pid);
    assert.equal(new Set(pids).size, 2);
  });

  /** @aws docs:lambda-runtime-environment: An idle environment is removed after some minutes. */
  test('an idle environment is stopped after a while', async () => {
    const pool = stack.pool('lingers', { idleMs: 20 });
    const { payload: pid } = await invoke(pool);
    await (await gate.arrival()).gone;
    const { payload: next, cold } = await invoke(pool);
    assert.notEqual(next, pid);
    assert.equal(cold, true);
    await gate.arrival();
  });

  /** @aws docs:lambda-runtime-environment: Between invocations an environment is frozen. @here timers go on. */
  test('a timer of an idle environment fires', async () => {
    const pool = stack.pool('setsTimer');
    assert.equal((await invoke(pool)).payload, 'ended');
    (await gate.arrival()).release();
  });

  test("an environment's child processes end with it", async () => {
    const pool = stack.pool('hasChild');
    const invocation = invoke(pool);
    const child = await gate.arrival();
    pool.kill();
    await child.gone;
    assert.equal((await invocation).failed, true);
  });

  test('a killed environment fails its request, and the next request succeeds', async () => {
    const killed = request(stack.url).get('/waits').then();
    const { pid, gone } = await gate.arrival();
    process.kill(pid, 'SIGKILL');
    await gone;
    const { status, body } = await killed;
    assert.deepEqual({ status, body }, { status: 500, body: { message: 'Internal Server Error' } });

    const next = request(stack.url).get('/waits').then();
    (await gate.arrival()).release();
    assert.equal((await next).status, 200);
  });

  test('an environment that cannot be started fails each request, and the log says why', async () => {
    await using assembly = await synthesise({ counts: { code: 'export const handler = () => 1;' } });
    const [fn] = (await readAssembly(assembly.directory)).functions;
    assert(fn);
    await rm(fn.directory, { recursive: true });
    const lines: string[] = [];
    const pool = new FunctionPool(fn, { maxEnvironments: 2, report: ({ line }) => lines.push(line) });
    const results = await Promise.all([invoke(pool), invoke(pool), invoke(pool)]);
    await pool.stop();
    assert.deepEqual(
      results.map(({ failed }) => failed),
      [true, true, true],
    );
    assert.equal(lines.length, 3, 'one start for each request');
    for (const line of lines) assert.match(line, /could not be started: .*ENOENT/);
  });
});

describe('reserved concurrency', () => {
  /** @aws 1.4: A function at its concurrency leads to 500 or 503. @unknown */
  test('reserved concurrency lets that many requests through, and answers 503 to the next', async () => {
    const first = request(stack.url).get('/waitsAlone').then();
    const { release } = await gate.arrival();
    await request(stack.url).get('/waitsAlone').expect(503, { message: 'Service Unavailable' });
    release();
    assert.equal((await first).status, 200);

    const next = request(stack.url).get('/waitsAlone').then();
    (await gate.arrival()).release();
    assert.equal((await next).status, 200);
  });

  test('reserved concurrency is the reason of a throttled invocation', async () => {
    const pool = stack.pool('waitsAlone');
    const first = invoke(pool);
    const { release } = await gate.arrival();
    await assert.rejects(
      invoke(pool),
      (error) =>
        error instanceof ThrottledError && error.reason === 'ReservedFunctionConcurrentInvocationLimitExceeded',
    );
    release();
    await first;
  });
});

test('a retired environment pool ends environments that are still starting', async () => {
  const { fn } = stack.pool('takesLong');
  const pool = new EnvironmentPool(fn, latest, { maxEnvironments: 2, report: () => {} });
  const first = pool.invoke(invocationOf(fn, {}));
  (await gate.arrival()).release();
  const working = await gate.arrival();
  const second = pool.invoke(invocationOf(fn, {}));
  const starting = await gate.arrival();
  // The busy environment takes the invocation that the other one was started for.
  working.release();
  await first;
  (await gate.arrival()).release();
  await second;
  assert.deepEqual([working.pid, starting.pid].map(isAlive), [true, true]);
  await pool.retire();
  assert.deepEqual([working.pid, starting.pid].map(isAlive), [false, false]);
});

test('an environment that is killed before its process starts never starts one', async () => {
  const pool = stack.pool('counts');
  const refused = assert.rejects(invoke(pool), ThrottledError);
  pool.kill();
  await refused;
});

test('a stopping pool waits for its invocations, and leaves no process', async () => {
  const pool = stack.pool('waits', { maxEnvironments: 2 });
  const invocations = [invoke(pool), invoke(pool), invoke(pool)];
  const [one, two] = [await gate.arrival(), await gate.arrival()];
  const stopped = pool.stop();
  one.release();
  two.release();
  (await gate.arrival()).release();
  await stopped;
  const results = await Promise.all(invocations);
  assert.deepEqual(
    results.map(({ failed, payload }) => ({ failed, alive: isAlive(payload.pid) })),
    Array(3).fill({ failed: false, alive: false }),
  );
});
