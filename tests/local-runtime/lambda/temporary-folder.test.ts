import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { invoke, serve } from '../../harness/test-stack.ts';

const stack = await serve({ fine: { code: () => 1 } });
after(() => stack[Symbol.asyncDispose]());

test('the temporary folders of a process that crashed are removed at the next start, those of a running one stay', async () => {
  const crashed = spawn(process.execPath, ['--eval', '']);
  await once(crashed, 'exit');
  const left = await mkdtemp(join(tmpdir(), `lambda-tmp-${crashed.pid}-`));
  const running = await mkdtemp(join(tmpdir(), `lambda-tmp-${process.ppid}-`));
  await invoke(stack.pool('fine'));
  while (existsSync(left)) await new Promise(setImmediate);
  assert.equal(existsSync(running), true);
  await rm(running, { recursive: true });
});
