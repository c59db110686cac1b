import { buildInService } from '../../esbuild-service.ts';

/**
 * Returns the modules of the project that a program imports, and its own.
 * @param root the folder of the project
 * @param entry the program, relative to the project, as the result is
 * @throws {Error} that names file and line, when a module cannot be read or found.
 */
export async function modulesOf(root: string, entry: string): Promise<Set<string>> {
  const { metafile } = await buildInService({
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
