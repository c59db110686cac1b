import { type BuildOptions, buildSync, type Metafile } from 'esbuild';
import { buildInService } from './esbuild-service.ts';
import { projectRoot } from './project-root.ts';

/**
 * Bundles a function into one file, `index.mjs`, with all that it needs: what is deployed, served here,
 * measured and listed.
 * @param entry the file of the handler, relative to the project
 * @param directory where the bundle is to be
 * @returns what is in it: modules and their bytes, paths relative to the project
 * @throws {Error} that names file and line, when the code cannot be bundled.
 */
export function bundleFunction(entry: string, directory: string): Metafile {
  return buildSync(optionsFor(entry, directory)).metafile;
}

/**
 * The same, while this process does other things.
 * @throws {Error} that names file and line, when the code cannot be bundled.
 */
export async function bundleFunctionAsync(entry: string, directory: string): Promise<void> {
  await buildInService(optionsFor(entry, directory));
}

function optionsFor(entry: string, directory: string) {
  return {
    absWorkingDir: projectRoot,
    entryPoints: [entry],
    outfile: `${directory}/index.mjs`,
    bundle: true,
    format: 'esm',
    minify: true,
    platform: 'node',
    target: 'node24',
    inject: ['functions/shims/abort-controller.ts'],
    alias: { 'node:timers': './functions/shims/timers.ts' },
    metafile: true,
    logLevel: 'silent',
  } satisfies BuildOptions;
}
