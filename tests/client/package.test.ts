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

/** Bytes of each module, minified. */
const budgets = { client: 14_000, mock: 8_000 };
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

  for (const [name, budget] of Object.entries(budgets)) {
    test(`${name} is one small file that imports nothing, of the size that the README says`, async () => {
      const code = await readFile(join(installed, `${name}.js`));
      assert.doesNotMatch(String(code), /\bimport\b|\brequire\b/);
      assert(code.length <= budget, `${code.length} bytes`);
      const kB = (bytes: number) => `${(Math.ceil(bytes / 100) / 10).toFixed(1)} kB`;
      const row = `| \`feeling-api/${name}\` | ${kB(code.length)} | ${kB(gzipSync(code).length)} |`;
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

describe('compiles', () => {
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

  test('right calls, and wrong ones do not, by import and by require', async () => {
    const required = `import feelingApi = require('feeling-api/client');\nconst client = feelingApi.createFeelingClient({ baseUrl: '' });\nexport = client;\n`;
    const nodenext = { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext };
    assert.equal(await errors({ 'consumer.ts': consumer, 'consumer.cts': required }, nodenext), '');
  });

  test('what a client of the last release sends and gets', async () => {
    const declarations = await readFile(join(projectRoot, 'infra/contract/released/client.d.ts'), 'utf8');
    const nodenext = { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext };
    await writeFile(join(folder, 'released-client.d.ts'), declarations);
    assert.equal(await errors({ 'released.ts': released }, nodenext), '');
    // A member that the API no longer takes, and one that it gives up.
    const older = declarations
      .replace('emoji_type: number;', 'emoji_type: number | string;')
      .replace('feeling: components["schemas"]["Feeling"];', '$& since: string;');
    await writeFile(join(folder, 'released-client.d.ts'), older);
    const found = await errors({ 'released.ts': released }, { ...nodenext, skipLibCheck: true });
    assert.match(found, /^released\.ts.*Type '"POST \/feeling 200" \| "POST \/feeling body"' does not satisfy/);
  });

  test("the README's examples, with a bundler", async () => {
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

const consumer = `
import {
  createFeelingClient, FeelingError, type Feeling, type FeelingClientOptions, type FeelingResponse, type GatewayError,
  type Problem, type UnexpectedResponse, type ValidationError,
} from 'feeling-api/client';
import { mockFetch } from 'feeling-api/mock';

const client = createFeelingClient({ baseUrl: 'http://127.0.0.1:3000', retries: 1, timeoutMs: 1000 });
export async function right(signal: AbortSignal): Promise<Feeling | ValidationError[] | string> {
  const { data, error } = await client.POST('/feeling', { body: { emoji_type: 0, message: 'hi' }, signal });
  if (data) return data.feeling;
  const every: Problem | GatewayError | UnexpectedResponse = error;
  if ('body' in every) return every.type satisfies 'unexpected-response';
  if ('message' in every) return every.message;
  if ('errors' in every) return every.errors;
  return every.type;
}
const throwing = createFeelingClient({ baseUrl: '', throwing: true, fetch: mockFetch({ feeling: 'invalid_body' }) });
export async function thrown(): Promise<FeelingResponse | Problem | undefined> {
  try {
    return await throwing.POST('/feeling', { body: { emoji_type: 0, message: 'hi' }, headers: [['a', 'b']] });
  } catch (error) {
    return error instanceof FeelingError ? error.problem : undefined;
  }
}
const options: FeelingClientOptions = { baseUrl: '', headers: new Headers(), fetch };
createFeelingClient(options);
// @ts-expect-error there is no such path
await client.POST('/feelings', { body: { emoji_type: 0, message: 'hi' } });
// @ts-expect-error there is no such method
await client.GET('/feeling');
// @ts-expect-error a string is no number
await client.POST('/feeling', { body: { emoji_type: '0', message: 'hi' } });
// @ts-expect-error the message is missing
await client.POST('/feeling', { body: { emoji_type: 0 } });
// @ts-expect-error the body is missing
await client.POST('/feeling');
// @ts-expect-error there is no such option
createFeelingClient({ baseUrl: '', retry: 3 });
// @ts-expect-error an address is needed
createFeelingClient({});
const { data } = await client.POST('/feeling', { body: { emoji_type: 0, message: 'hi' } });
// @ts-expect-error there may be no data
data.feeling;
// @ts-expect-error there is no such feeling
if (data?.feeling === 'happy') console.log();
// @ts-expect-error there is no such path
await throwing.POST('/feelings', { body: { emoji_type: 0, message: 'hi' } });
// @ts-expect-error the message is missing
await throwing.POST('/feeling', { body: { emoji_type: 0 } });
// @ts-expect-error there is no such feeling
if ((await throwing.POST('/feeling', { body: { emoji_type: 0, message: 'hi' } })).feeling === 'happy') console.log();
// @ts-expect-error there is no such example
mockFetch({ feeling: 'happy' });
`;

/** Lists what differs for the worse, for every operation: the lists must be empty. */
const released = `
import type { FeelingClientOptions, paths as Now } from 'feeling-api/client';
import type { FeelingClientOptions as ReleasedOptions, paths as Then } from './released-client.js';
import { createFeelingClient, type GatewayError, type Problem } from 'feeling-api/client';

type Methods = 'get' | 'put' | 'post' | 'delete' | 'patch';
type Operation<Paths, Path, Method> = Path extends keyof Paths ? Method extends keyof Paths[Path] ? Paths[Path][Method] : never : never;
type Body<Its> = Its extends { requestBody?: { content: infer Content } } ? Content : unknown;
type Parameters<Its> = Its extends { parameters: infer All } ? All : unknown;
type Responses<Its> = Its extends { responses: infer All } ? All : never;
type Content<Its, Status> = Status extends keyof Responses<Its> ? Responses<Its>[Status] extends { content: infer All } ? All : unknown : never;

type Faults = {
  [Path in keyof Then & string]: {
    [Method in Methods]: Operation<Then, Path, Method> extends infer Its
      ? [Its] extends [undefined] ? never
      : | (Body<Its> extends Body<Operation<Now, Path, Method>> ? never : \`\${Uppercase<Method>} \${Path} body\`)
        | (Parameters<Its> extends Parameters<Operation<Now, Path, Method>> ? never : \`\${Uppercase<Method>} \${Path} parameters\`)
        | { [Status in keyof Responses<Its> & number]:
              [Content<Operation<Now, Path, Method>, Status>] extends [never] ? \`\${Uppercase<Method>} \${Path} \${Status}\`
              : Content<Operation<Now, Path, Method>, Status> extends Content<Its, Status> ? never
              : \`\${Uppercase<Method>} \${Path} \${Status}\` }[keyof Responses<Its> & number]
      : never;
  }[Methods];
}[keyof Then & string];
type None<Found extends never> = Found;
export type Result = None<Faults>;

// The client itself: a program of 1.0.0.
export const options = (its: ReleasedOptions): FeelingClientOptions => its;
export async function program(its: ReleasedOptions, signal: AbortSignal) {
  const client = createFeelingClient(its);
  const { data, error, response } = await client.POST('/feeling', { body: { emoji_type: 0, message: 'hi' }, signal });
  if (data) return data.feeling;
  const every: Problem | GatewayError = error;
  if ('message' in every) return every.message;
  return 'errors' in every ? every.errors : response.status;
}
`;
