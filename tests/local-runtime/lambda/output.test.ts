/** Unusual output and errors of a function do not change its responses. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openGate } from '../../harness/gate.ts';
import { invoke, serve } from '../../harness/test-stack.ts';

const gate = await openGate();
after(() => gate[Symbol.asyncDispose]());

const stack = await serve({
  throwsMuch: {
    code: () => {
      throw new RangeError('x'.repeat(100_000));
    },
  },
  silencesOutput: {
    code: () => {
      process.stdout.write = () => true;
      return 'fine';
    },
  },
  endsOutput: {
    code: () => {
      process.stdout.end('x'.repeat(1_000_000));
      return 'fine';
    },
  },
  writesNul: { code: () => console.log('before\0after') },
  leavesChild: {
    code: async () => {
      const { spawn } = process.getBuiltinModule('node:child_process');
      const code = 'await (await fetch(process.env.GATE)).text()';
      spawn(process.execPath, ['--input-type=module', '--eval', code], { detached: true, stdio: 'inherit' });
      await fetch(process.env['GATE'] ?? '');
      process.exit(1);
    },
    options: { environment: { GATE: gate.url } },
  },
});
after(() => stack[Symbol.asyncDispose]());

test('an error of 100 kB arrives unchanged', async () => {
  const { payload, failed } = await invoke(stack.pool('throwsMuch'));
  assert.equal(failed, true);
  assert.equal(payload.errorType, 'RangeError');
  assert.equal(payload.errorMessage.length, 100_000);
});

test('a function that replaces its stdout still responds', async () => {
  const pool = stack.pool('silencesOutput');
  assert.equal((await invoke(pool)).payload, 'fine');
  const { payload, cold } = await invoke(pool);
  assert.equal(payload, 'fine');
  assert.equal(cold, false);
});

test('a function that ends its stdout while it writes still responds', async () => {
  assert.equal((await invoke(stack.pool('endsOutput'))).payload, 'fine');
});

test('a NUL in a line stays in the line', async () => {
  const { requestId } = await invoke(stack.pool('writesNul'));
  const lines = stack.log.filter((line) => line.requestId === requestId).map(({ line }) => line);
  assert.equal(lines.length, 1);
  assert(lines[0]?.endsWith('before\0after'));
});

test('an environment ends although a child process keeps its output open', async () => {
  const pool = stack.pool('leavesChild');
  const result = invoke(pool);
  const arrivals = [await gate.arrival(), await gate.arrival()];
  const { payload } = await result;
  assert.equal(payload.errorType, 'Runtime.ExitError');
  await pool.stop();
  for (const arrival of arrivals) arrival.release();
});
