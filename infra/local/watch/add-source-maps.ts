import { bundleFunctionAsync } from '../../function-bundle.ts';
import { readAssembly } from '../cloud-assembly/read-assembly.ts';

/** Bundles the functions of an assembly again, with source maps for a debugger. It is served, and never deployed. */
export async function addSourceMaps(directory: string): Promise<void> {
  const { functions } = await readAssembly(directory);
  await Promise.all(
    functions.map(async (fn) => {
      if (fn.entry) await bundleFunctionAsync(fn.entry, fn.directory, { hasSourceMap: true });
    }),
  );
}
