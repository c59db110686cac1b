/** `npm run build`: the typed client as one file that needs nothing else, and its types. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { projectRoot } from '../project-root.ts';
import { runProgram, UsageError } from './program.ts';

const help = `npm run build [-- --out FOLDER]

Builds the typed client: client.js, an ES module for browsers and Node with all that it needs, and client.d.ts.

  --out FOLDER  where they are written; dist if not given, which is where feeling-api/client is imported from
  -h, --help    prints this`;

const entry = join(projectRoot, 'shared/client.ts');
const project = join(projectRoot, 'tsconfig.json');

await runProgram(help, main);

async function main(): Promise<void> {
  const { values: options } = parseArgs({
    options: { out: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } },
  });
  if (options.help) return console.log(help);
  if (options.out === '') throw new UsageError('--out: write the name of a folder.');
  const folder = resolve(options.out ?? join(projectRoot, 'dist'));

  // Not loaded by those who only want to know how it is used: they take their time.
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
    { preferredConfigPath: project },
  );
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'client.js'), script);
  await writeFile(join(folder, 'client.d.ts'), types);
  console.log(`client.js: ${script.length} bytes, ${gzipSync(script).length} compressed. Written to ${folder}`);
}
