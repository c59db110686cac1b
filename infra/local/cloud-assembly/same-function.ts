import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { FunctionModel } from './stack-model.ts';

/** Returns whether two functions have the same configuration and the same code, whatever its folder. */
export async function isSameFunction(one: FunctionModel, other: FunctionModel): Promise<boolean> {
  const { directory, ...configuration } = one;
  const { directory: otherDirectory, ...otherConfiguration } = other;
  if (!isDeepStrictEqual(configuration, otherConfiguration)) return false;
  if (directory === otherDirectory) return true;
  return isDeepStrictEqual(await filesIn(directory), await filesIn(otherDirectory));
}

/** Returns the bytes of each file, by its path. */
async function filesIn(directory: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(path.slice(directory.length), await readFile(path));
  }
  return files;
}
