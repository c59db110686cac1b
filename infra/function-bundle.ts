import { type BuildOptions, buildSync, type Metafile } from 'esbuild';
import { buildInService } from './esbuild-service.ts';
import { projectRoot } from './project-root.ts';

/**
 * Bundles a function into one file, `index.mjs`, without imports.
 * @param entry the file of the handler, relative to the project
 * @param directory the folder for the bundle
 * @returns its modules and their bytes, with paths relative to the project
 * @throws {Error} naming file and line, when the code cannot be bundled.
 */
export function bundleFunction(entry: string, directory: string): Metafile {
  return buildSync(optionsFor(entry, directory)).metafile;
}

/**
 * Does the same without blocking the process.
 * @param options whether the bundle is for a debugger: not minified, and with a source map; none that is deployed is
 * @throws {Error} naming file and line, when the code cannot be bundled.
 */
export async function bundleFunctionAsync(
  entry: string,
  directory: string,
  { hasSourceMap = false } = {},
): Promise<void> {
  await buildInService({ ...optionsFor(entry, directory), ...(hasSourceMap && forDebugger) });
}

/**
 * Bundles a function again, in memory, with a source map. The map is not in the bundle: it would double the cold start.
 * @returns the same bytes as those of the bundle, and the map, whose sources are relative to a folder of the project
 * @throws {Error} naming file and line, when the code cannot be bundled.
 */
export function bundleWithSourceMap(entry: string): { code: Uint8Array; map: string } {
  const options = { ...optionsFor(entry, `${projectRoot}/bundle`), sourcemap: 'external', write: false } as const;
  const [map, code] = buildSync(options).outputFiles;
  return { code: code?.contents ?? new Uint8Array(), map: map?.text ?? '' };
}

/** With the names of the sources, and their places. */
const forDebugger = { minify: false, sourcemap: 'inline' } as const;

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
