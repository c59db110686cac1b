import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * Bundles a peer's handler with the options of the deployed bundle, except that CommonJS code stays CommonJS.
 * @param directory the folder for the bundle
 * @returns the path of the bundle
 */
export async function bundlePeer(entry: string, directory: string, format: 'esm' | 'cjs'): Promise<string> {
  const file = join(directory, format === 'esm' ? 'index.mjs' : 'index.cjs');
  await build({
    entryPoints: [entry],
    outfile: file,
    bundle: true,
    format,
    minify: true,
    platform: 'node',
    target: 'node24',
    // Lambda's runtime provides it; lambda-api loads it to send files.
    external: ['@aws-sdk/*'],
    logLevel: 'error',
  });
  return file;
}
