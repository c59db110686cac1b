/**
 * What every file of tests would have to make for itself, made once before all of them (`--test-global-setup`). A file
 * that is run by itself does without.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { enableCompileCache, flushCompileCache } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testConfiguration } from './test-configuration.ts';

/** Names the folder of the stack that the run has synthesised, for the processes of its tests. */
export const assemblyVariable = 'CLOUD_ASSEMBLY_OF_TESTS';

export async function globalSetup(): Promise<void> {
  // Of this run only: what was made of other sources is never met.
  const folder = mkdtempSync(join(tmpdir(), 'feeling-api-tests-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

  // All processes of a run load the same modules, which V8 need compile once only.
  process.env['NODE_COMPILE_CACHE'] = join(folder, 'compiled');
  enableCompileCache(process.env['NODE_COMPILE_CACHE']);
  const { synthesise } = await import('../../infra/app.ts');
  const directory = join(folder, 'assembly');
  synthesise({ outdir: directory, context: testConfiguration });
  process.env[assemblyVariable] = directory;
  flushCompileCache();
}
