import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { z } from 'zod';
import { projectRoot } from '../project-root.ts';

/** A package of which code is deployed. */
export interface BundledPackage {
  name: string;
  version: string;
  /** As an SPDX expression. */
  license: string;
}

const packageShape = z.object({ name: z.string(), version: z.string(), license: z.string() });

/**
 * The packages whose code is in a bundle.
 * @param metafile what `bundleFunction` tells of it
 * @throws {Error} when a package does not say under which licence it is.
 */
export async function bundledPackages({ outputs }: Metafile): Promise<BundledPackage[]> {
  const folders = new Set<string>();
  for (const { inputs } of Object.values(outputs)) {
    for (const [module, { bytesInOutput }] of Object.entries(inputs)) {
      if (bytesInOutput === 0) continue;
      const [folder] = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(module) ?? [];
      if (folder) folders.add(folder);
      // The validators in it are what ajv's generator wrote, with a function of ajv's own.
      if (module === 'shared/contract.gen.ts') folders.add('node_modules/ajv');
    }
  }
  return Promise.all([...folders].sort().map(packageIn));
}

/** What a package says of itself. @param folder relative to the project; the project itself is the empty one */
export async function packageIn(folder: string): Promise<BundledPackage> {
  const file = join(projectRoot, folder, 'package.json');
  const { data, error } = packageShape.safeParse(JSON.parse(await readFile(file, 'utf8')));
  if (!data) throw new Error(`${folder}/package.json cannot be listed: ${z.prettifyError(error)}`);
  return data;
}
