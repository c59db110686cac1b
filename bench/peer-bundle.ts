import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * Bundles a peer's handler as the product's is bundled, but for the format: what was written for CommonJS
 * stays CommonJS.
 * @param directory where the bundle is to be
 * @returns the file
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
    // Lambda's runtime has it; lambda-api asks for it when it sends files.
    external: ['@aws-sdk/*'],
    logLevel: 'error',
  });
  return file;
}
