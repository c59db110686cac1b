/** `npm run build`: the typed client as one file without imports, and its types. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { projectRoot } from '../project-root.ts';
import { runProgram, UsageError } from './program.ts';

const help = `npm run build [-- --out FOLDER]

Builds the typed client: client.js, an ES module for browsers and Node without imports, and client.d.ts.

  --out FOLDER  where to write them; the default is dist, from where feeling-api/client is imported
  -h, --help    prints this`;

const entry = join(projectRoot, 'shared/client.ts');

await runProgram({ command: 'npm run build', help, options: { out: { type: 'string' } }, main });

async function main({ out = join(projectRoot, 'dist') }: { out?: string | undefined }): Promise<void> {
  if (out === '') throw new UsageError('--out: write the name of a folder');
  const folder = resolve(out);

  // Loaded here, so that --help is fast.
  const { build } = await import('esbuild');
  const { generateDtsBundle } = await import('dts-bundle-generator');
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    format: 'esm',
    minify: true,
    target: 'es2022',
    write: false,
  });
  const script = outputFiles[0]?.contents ?? new Uint8Array();
  const [types = ''] = generateDtsBundle(
    [{ filePath: entry, libraries: { inlinedLibraries: ['openapi-fetch', 'openapi-typescript-helpers'] } }],
    { preferredConfigPath: join(projectRoot, 'tsconfig.json') },
  );
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'client.js'), script);
  await writeFile(join(folder, 'client.d.ts'), types);
  console.log(`client.js: ${script.length} bytes, ${gzipSync(script).length} compressed. Written to ${folder}`);
}
