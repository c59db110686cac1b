/** The package of the typed client, as a front end installs it: what is in it, how it loads, and what compiles. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import ts from 'typescript';
import { parse } from 'yaml';
import { projectRoot } from '../../infra/project-root.ts';
import { bareEnvironment, runScript } from '../../infra/scripts/running-script.ts';
import { codeBlock } from '../harness/documents.ts';
import { serveStack, synthesiseStack } from '../harness/feeling-api.ts';
import { longOnly } from '../harness/long-form.ts';
import { consumer, released } from './package.cases.ts';

/** The most kB that each module may have, minified and compressed: shared/CLIENT.md states them. */
const budgets = { client: [14, 5.6], mock: [8, 2.6] };
const npm = process.env['npm_execpath'] ?? '';

/** What this test writes. */
let temporary: string;
/** The front end that installs the package. */
let folder: string;
let installed: string;
let version: string;
let readme: string;

before(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'feeling-client-'));
  ({ version } = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8')));
  const out = join(temporary, 'out');
  const script = runScript('infra/scripts/build-client.ts', ['--pack', '--out', out], { npm_execpath: npm });
  assert.equal(await script.ended(), 0, script.output());
  const tarball = join(out, `feeling-api-${version}.tgz`);
  assert(script.output().endsWith(`${tarball}\n`), script.output());

  folder = join(temporary, 'consumer');
  await mkdir(folder);
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  const flags = ['install', '--offline', '--no-audit', '--no-fund', '--cache', join(temporary, 'cache')];
  await promisify(execFile)(process.execPath, [npm, ...flags, tarball], { cwd: folder, env: bareEnvironment() });
  installed = join(folder, 'node_modules/feeling-api');
  readme = await readFile(join(installed, 'README.md'), 'utf8');
});
after(() => rm(temporary, { recursive: true, force: true }));

test('the code of README.md prints a feeling', async () => {
  await using stack = await synthesiseStack();
  await using api = await serveStack(stack.directory);
  const code = await codeBlock('README.md', 'ts', 'createFeelingClient');
  const file = join(folder, 'readme.mts');
  await writeFile(file, code.replace('http://127.0.0.1:3000', api.url));
  const { stdout } = await promisify(execFile)(process.execPath, [file]);
  assert.equal(stdout, 'positive\n');
});

describe('what is installed', () => {
  test('is the package and nothing else', async () => {
    const packages = await readdir(join(folder, 'node_modules'));
    assert.deepEqual(packages.sort(), ['.package-lock.json', 'feeling-api']);
    const modules = ['client', 'mock'].flatMap((name) => ['cjs', 'd.cts', 'd.ts', 'js'].map((end) => `${name}.${end}`));
    const files = ['LICENSE', 'README.md', ...modules, 'package.json'];
    assert.deepEqual((await readdir(installed)).sort(), files.sort());
  });

  test('has the version of the contract', async () => {
    assert.equal(parse(await readFile(join(projectRoot, 'openapi.yaml'), 'utf8')).info.version, version);
    const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'));
    assert.equal(manifest.version, version);
  });

  test('has the licence of the code that it bundles', async () => {
    const licence = await readFile(join(installed, 'LICENSE'), 'utf8');
    for (const name of ['openapi-fetch', 'ajv']) assert(licence.includes(`code of ${name}:\n\n`));
  });

  for (const [name, [minified = 0, compressed = 0]] of Object.entries(budgets)) {
    test(`${name} is one small file that imports nothing, within the budget that CLIENT.md states`, async () => {
      const code = await readFile(join(installed, `${name}.js`));
      assert.doesNotMatch(String(code), /\bimport\b|\brequire\b/);
      assert(code.length <= minified * 1000, `${code.length} bytes`);
      assert(gzipSync(code).length <= compressed * 1000, `${gzipSync(code).length} bytes, compressed`);
      const row = `| \`feeling-api/${name}\` | ${minified} kB | ${compressed} kB |`;
      assert(readme.includes(row), `shared/CLIENT.md: write ${row}`);
    });
  }
});

describe('loads', () => {
  const program = `
    const client = createFeelingClient({ baseUrl: 'http://mock', fetch: mockFetch(), throwing: true });
    result = client.POST('/feeling', { body: { emoji_type: 1, message: 'noted' } });`;

  test('by import', async () => {
    const imports = `import { createFeelingClient } from 'feeling-api/client'; import { mockFetch } from 'feeling-api/mock';`;
    await writeFile(join(folder, 'esm.js'), `${imports} export let result; ${program}`);
    const { result } = await import(pathToFileURL(join(folder, 'esm.js')).href);
    assert.deepEqual(await result, { feeling: 'neutral', message: 'noted' });
  });

  test('by require', async () => {
    const imports = `const { createFeelingClient } = require('feeling-api/client'); const { mockFetch } = require('feeling-api/mock');`;
    await writeFile(join(folder, 'cjs.cjs'), `${imports} let result; ${program} module.exports = { result };`);
    const { result } = createRequire(join(folder, 'cjs.cjs'))('./cjs.cjs');
    assert.deepEqual(await result, { feeling: 'neutral', message: 'noted' });
  });

  test('in a bundle, which leaves out what is not used', async () => {
    const bundle = async (contents: string) => {
      const stdin = { contents, resolveDir: folder };
      const { outputFiles } = await build({ stdin, bundle: true, format: 'esm', minify: true, write: false });
      return outputFiles[0]?.contents.length ?? 0;
    };
    assert((await bundle(`import { createFeelingClient } from 'feeling-api/client'; createFeelingClient({});`)) > 5000);
    assert((await bundle(`import { createFeelingClient } from 'feeling-api/client';`)) < 10);
  });
});

describe('compiles', longOnly, () => {
  const host = ts.createCompilerHost({});
  const libraries = new Map<string, ts.SourceFile | undefined>();
  const { getSourceFile } = host;
  // Parsed once for all programs.
  host.getSourceFile = (name, ...words) => {
    if (!name.includes('/typescript/lib/')) return getSourceFile.call(host, name, ...words);
    if (!libraries.has(name)) libraries.set(name, getSourceFile.call(host, name, ...words));
    return libraries.get(name);
  };
  const browser = {
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    types: [],
    noEmit: true,
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    noPropertyAccessFromIndexSignature: true,
    noImplicitOverride: true,
    verbatimModuleSyntax: true,
    isolatedModules: true,
    // Those of TypeScript alone.
    skipDefaultLibCheck: true,
  };

  /** Returns what the compiler says of some files. */
  async function errors(files: Record<string, string>, options: ts.CompilerOptions): Promise<string> {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    const names = Object.keys(files).map((name) => join(folder, name));
    const program = ts.createProgram(names, { ...browser, ...options }, host);
    return ts.formatDiagnostics(ts.getPreEmitDiagnostics(program), {
      getCanonicalFileName: (name) => name,
      getCurrentDirectory: () => folder,
      getNewLine: () => '\n',
    });
  }

  const nodenext = { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext };
  const declarations = () => readFile(join(projectRoot, 'infra/contract/released/client.d.ts'), 'utf8');

  test('right calls, and wrong ones do not, by import and by require, and a program of the last release', async () => {
    const required = `import feelingApi = require('feeling-api/client');\nconst client = feelingApi.createFeelingClient({ baseUrl: '' });\nexport = client;\n`;
    await writeFile(join(folder, 'released-client.d.ts'), await declarations());
    const files = { 'consumer.ts': consumer, 'consumer.cts': required, 'released.ts': released };
    assert.equal(await errors(files, nodenext), '');
  });

  test('not a program of a release that had more', longOnly, async () => {
    // A type that the API no longer takes, and a member that it gave.
    const older = (await declarations())
      .replace('emoji_type: number;', 'emoji_type: number | string;')
      .replace('feeling: components["schemas"]["Feeling"];', '$& since: string;');
    await writeFile(join(folder, 'released-client.d.ts'), older);
    const found = await errors({ 'released.ts': released }, { ...nodenext, skipLibCheck: true });
    assert.match(found, /^released\.ts.*Type '"POST \/feeling 200" \| "POST \/feeling body"' does not satisfy/);
  });

  test("the README's examples, with a bundler", longOnly, async () => {
    for (const name of ['@tanstack', 'react']) {
      await symlink(join(projectRoot, 'node_modules', name), join(folder, 'node_modules', name), 'junction');
    }
    const blocks = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = ''], i) => [`readme-${i}.ts`, code]);
    assert.equal(blocks.length, 4);
    const bundler = { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler };
    // React Query's types import React's, which this project does not have.
    assert.equal(await errors(Object.fromEntries(blocks), { ...bundler, skipLibCheck: true }), '');
  });
});
