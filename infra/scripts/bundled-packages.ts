import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { z } from 'zod';
import { projectRoot } from '../project-root.ts';

/** A package whose code is deployed. */
export interface BundledPackage {
  name: string;
  version: string;
  /** As an SPDX expression. */
  license: string;
}

const packageShape = z.object({ name: z.string(), version: z.string(), license: z.string() });

/**
 * Returns the packages whose code is in a bundle, by the metafile that `bundleFunction` returns.
 * @throws {Error} when a package names no licence.
 */
export async function bundledPackages({ outputs }: Metafile): Promise<BundledPackage[]> {
  const folders = new Set<string>();
  for (const { inputs } of Object.values(outputs)) {
    for (const [module, { bytesInOutput }] of Object.entries(inputs)) {
      if (bytesInOutput === 0) continue;
      const [folder] = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(module) ?? [];
      if (folder) folders.add(folder);
      // ajv generated the validators in this file, and one of its functions is inlined.
      if (module === 'shared/contract.gen.ts') folders.add('node_modules/ajv');
    }
  }
  return Promise.all([...folders].sort().map(packageIn));
}

/** Reads name, version and licence of the package in a folder. The path is relative to the project, whose own is empty. */
export async function packageIn(folder: string): Promise<BundledPackage> {
  const file = join(projectRoot, folder, 'package.json');
  const { data, error } = packageShape.safeParse(JSON.parse(await readFile(file, 'utf8')));
  if (!data) throw new Error(`${folder}/package.json cannot be listed: ${z.prettifyError(error)}`);
  return data;
}
