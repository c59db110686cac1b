import { build } from 'esbuild';

/**
 * The modules of the project that a program is made of.
 * @param root the folder of the project
 * @param entry relative to it, as the modules are
 * @throws {Error} that names file and line, when one of them cannot be read or found.
 */
export async function modulesOf(root: string, entry: string): Promise<Set<string>> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'esnext',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  return new Set(Object.keys(metafile.inputs));
}
