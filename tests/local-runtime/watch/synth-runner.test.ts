/** A stack that is synthesised in a process of its own, when that does not come to its end. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { SynthRunner } from '../../../infra/local/watch/synth-runner.ts';

const hasFifos = process.platform === 'win32' ? { skip: 'there are no FIFOs in the folders of Windows' } : {};

test('a synthesis that never ends is given up, and is said to have been', hasFifos, async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'feeling-api-test-'));
  t.after(() => rm(directory, { recursive: true }));
  // To open it is to wait for somebody who reads it.
  await promisify(execFile)('mkfifo', [join(directory, 'manifest.json')]);
  const synthesis = new SynthRunner(100).run({ directory, context: {}, generate: false });
  await assert.rejects(synthesis, /^EditError: The synthesis was given up after 0\.1 s\./);
});
