/**
 * `npm run build` and `npm run pack:client`: the package of the typed client. It has what a front end needs and nothing
 * else; the package of this repository, with its dependencies, is never published.
 */
import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { projectRoot } from '../project-root.ts';
import { runProgram, UsageError } from './program.ts';
import { started } from './running-script.ts';

const help = `npm run build [-- --out FOLDER]
npm run pack:client [-- --out FOLDER]

Builds the package of the typed client: feeling-api/client and feeling-api/mock, for import and require, with types.
npm run pack:client also makes FOLDER/feeling-api-VERSION.tgz of it, for npm install and npm publish.

  --out FOLDER  where it is written; dist if not given
  -h, --help    prints this`;

/** The modules of the package. */
const entries = ['client', 'mock'];
/** A browser's types: those of Node take twice as long to load. */
const project = join(projectRoot, 'infra/local/docs/tsconfig.json');
/** Packages whose code is in the bundles. Their licences ask for their text. */
const bundledPackages = ['openapi-fetch', 'ajv'];

await runProgram({
  command: process.argv.includes('--pack') ? 'npm run pack:client' : 'npm run build',
  help,
  options: { out: { type: 'string' }, pack: { type: 'boolean', default: false } },
  main,
});

async function main(options: { out?: string | undefined; pack: boolean }): Promise<void> {
  const { out = join(projectRoot, 'dist') } = options;
  if (out === '') throw new UsageError('--out: write the name of a folder');
  const folder = resolve(out);
  await mkdir(folder, { recursive: true });
  await Promise.all([writeScripts(folder), writeTypes(folder), writePackage(folder)]);
  if (options.pack) console.log(await pack(folder));
}

async function writeScripts(folder: string): Promise<void> {
  // Loaded here because they take long: --help needs neither.
  const { build } = await import('esbuild');
  for (const [format, extension] of [
    ['esm', 'js'],
    ['cjs', 'cjs'],
  ] as const) {
    const { outputFiles } = await build({
      entryPoints: entries.map((entry) => join(projectRoot, `shared/${entry}.ts`)),
      bundle: true,
      format,
      outdir: folder,
      outExtension: { '.js': `.${extension}` },
      minify: true,
      target: 'es2022',
      write: false,
    });
    for (const { path, contents } of outputFiles) {
      await writeFile(path, contents);
      const name = path.slice(folder.length + 1);
      console.log(`${name}: ${contents.length} bytes, ${gzipSync(contents).length} compressed. Written to ${folder}`);
    }
  }
}

async function writeTypes(folder: string): Promise<void> {
  const { generateDtsBundle } = await import('dts-bundle-generator');
  const libraries = { inlinedLibraries: ['openapi-fetch', 'openapi-typescript-helpers'] };
  const bundles = generateDtsBundle(
    // tests/client/ compiles the result.
    entries.map((entry) => ({ filePath: join(projectRoot, `shared/${entry}.ts`), libraries, noCheck: true })),
    { preferredConfigPath: project },
  );
  for (const [i, entry] of entries.entries()) {
    for (const extension of ['d.ts', 'd.cts']) await writeFile(join(folder, `${entry}.${extension}`), bundles[i] ?? '');
  }
}

async function writePackage(folder: string): Promise<void> {
  const { name, version, license } = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8'));
  const exports = entries.map((entry) => [
    `./${entry}`,
    {
      import: { types: `./${entry}.d.ts`, default: `./${entry}.js` },
      require: { types: `./${entry}.d.cts`, default: `./${entry}.cjs` },
    },
  ]);
  const manifest = {
    name,
    version,
    description: 'A typed client of the Feeling API for browsers and Node.',
    license,
    type: 'module',
    exports: { ...Object.fromEntries(exports), './package.json': './package.json' },
    sideEffects: false,
    engines: { node: '>=20' },
  };
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  await writeFile(join(folder, 'README.md'), await readFile(join(projectRoot, 'shared/CLIENT.md')));
  await writeFile(join(folder, 'LICENSE'), await licences());
}

/** Returns our licence, and those of the packages whose code is bundled. */
async function licences(): Promise<string> {
  const texts = [await readFile(join(projectRoot, 'LICENSE'), 'utf8')];
  for (const name of bundledPackages) {
    const text = await readFile(join(projectRoot, 'node_modules', name, 'LICENSE'), 'utf8');
    texts.push(`The bundles include code of ${name}:\n\n${text}`);
  }
  return texts.join('\n---\n\n');
}

/** Packs the folder. Returns the path of the tarball. */
async function pack(folder: string): Promise<string> {
  const npm = process.env['npm_execpath'];
  if (!npm) throw new UsageError('npm says where npm is. Use npm run pack:client');
  const script = started(
    spawn(process.execPath, [npm, 'pack', '--json', '--pack-destination', folder], { cwd: folder }),
  );
  if ((await script.ended()) !== 0) throw new Error(script.output());
  const [{ filename }] = JSON.parse(script.stdout());
  return join(folder, filename);
}
