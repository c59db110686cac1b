/**
 * Does once for all test files of a run (`--test-global-setup`) what each would do for itself: synthesises the stack and
 * starts the synthesis server. A test file that runs by itself does without.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { enableCompileCache, flushCompileCache } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testConfiguration } from './test-configuration.ts';

/** Names the folder of the stack that the run has synthesised, for the processes of its tests. */
export const assemblyVariable = 'CLOUD_ASSEMBLY_OF_TESTS';

export async function globalSetup(): Promise<void> {
  // A folder of this run: nothing in it comes from older sources.
  const folder = mkdtempSync(join(tmpdir(), 'feeling-api-tests-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

  // All processes of a run load the same modules. V8 compiles each once.
  process.env['NODE_COMPILE_CACHE'] = join(folder, 'compiled');
  enableCompileCache(process.env['NODE_COMPILE_CACHE']);
  const { synthesise } = await import('./synthesis/synthesise.ts');
  const { startSynthesisServer } = await import('./synthesis/synthesis-server.ts');
  const directory = join(folder, 'assembly');
  await synthesise({ stack: 'feeling', directory, context: testConfiguration });
  process.env[assemblyVariable] = directory;
  await startSynthesisServer();
  flushCompileCache();
}
