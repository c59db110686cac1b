/** The synthesis in its own process, when it never ends. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { SynthRunner } from '../../../infra/local/watch/synth-runner.ts';

const hasFifos = process.platform === 'win32' ? { skip: 'Windows has no FIFOs in its folders' } : {};

test('a synthesis that never ends is stopped, and its error says so', hasFifos, async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'feeling-api-test-'));
  t.after(() => rm(directory, { recursive: true }));
  // Opening a FIFO waits for its reader.
  await promisify(execFile)('mkfifo', [join(directory, 'manifest.json')]);
  const synthesis = new SynthRunner(100).run({ directory, context: {}, generate: false });
  await assert.rejects(synthesis, /^EditError: The synthesis did not end within 0\.1 s\./);
});
