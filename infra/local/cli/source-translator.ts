import { readFileSync } from 'node:fs';
import { createRequire, type SourceMap } from 'node:module';
import { basename, join } from 'node:path';
import { sourceMapOf, withSourcePlaces } from '../../source-places.ts';
import type { FunctionModel } from '../cloud-assembly/stack-model.ts';

/** Returns what changes places in bundles to places in the sources, in the lines of a function. */
export function sourceTranslator(): (line: string, fn: FunctionModel) => string {
  /** By the folder of the bundle. */
  const maps = new Map<string, SourceMap | undefined>();
  return (line, fn) =>
    withSourcePlaces(line, (bundle) => {
      // A symbolic link may lead to the folder. Its last part, the hash of the bundle, is unique.
      if (!bundle.endsWith(join(basename(fn.directory), 'index.mjs'))) return undefined;
      if (!maps.has(fn.directory)) maps.set(fn.directory, mapFor(fn));
      return maps.get(fn.directory);
    });
}

/** Bundles a function again. @returns undefined if the sources are no longer those of its bundle */
function mapFor({ entry, directory }: FunctionModel): SourceMap | undefined {
  if (entry === undefined) return undefined;
  // Loaded at the first stack trace, which waits for it.
  const bundler: typeof import('../../function-bundle.ts') = createRequire(import.meta.url)('../../function-bundle.ts');
  try {
    const { code, map } = bundler.bundleWithSourceMap(entry);
    return readFileSync(join(directory, 'index.mjs')).equals(code) ? sourceMapOf(map) : undefined;
  } catch {
    // The sources are broken: somebody edits them.
    return undefined;
  }
}
