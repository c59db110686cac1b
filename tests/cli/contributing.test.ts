/** Follows CONTRIBUTING.md to the letter in a copy of the project, which then has one more operation. */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import request from 'supertest';
import { projectRoot } from '../../infra/project-root.ts';
import { longOnly } from '../harness/long-form.ts';
import { copyOfProject, type ProjectCopy } from '../harness/project-copy.ts';
import { assemblyVariable } from '../harness/set-up.ts';

/** A block of code and its place, which the line above the block gives: a new file, or a line of another file. */
interface Block {
  file: string;
  at?: { place: string; line: string };
  code: string;
}

let text: string;
let blocks: Block[];
let project: ProjectCopy;
let copy: string;

before(async () => {
  text = await readFile(join(projectRoot, 'CONTRIBUTING.md'), 'utf8');
  const headed = /^`([^`]+)`(?:, (above|below|in place of) the line `([^`]+)`)?\n\n```\w+\n(.*?)^```$/gms;
  blocks = [...text.matchAll(headed)].map(([, file = '', place, line, code = '']) => ({
    file,
    code,
    ...(place && line && { at: { place, line } }),
  }));
  project = await copyOfProject();
  copy = project.directory;
});
after(() => project[Symbol.asyncDispose]());

test('each block of code in CONTRIBUTING.md names its place, and fits there', async () => {
  // The remaining one is the output of npm start.
  assert.equal(blocks.length + 1, text.match(/^```\w+$/gm)?.length);
  for (const { file, at, code } of blocks) {
    const path = join(copy, file);
    const found = await readFile(path, 'utf8').catch(() => '');
    // If somebody tries it in the project itself, the code is there already.
    if (found.includes(code)) continue;
    if (!at) {
      assert.equal(found, '', `${file} is there already, and another`);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, code);
      continue;
    }
    const line = `\n${at.line}\n`;
    const [head, tail, ...more] = found.split(line);
    assert(head !== undefined && tail !== undefined && more.length === 0, `${file} has not one line ${at.line}`);
    const lines = { above: `\n${code}${at.line}\n`, below: `${line}${code}`, 'in place of': `\n${code}` }[at.place];
    await writeFile(path, `${head}${lines}${tail}`);
  }
});

async function succeeds(...args: string[]): Promise<void> {
  const script = project.start(args);
  assert.equal(await script.ended(), 0, script.output());
}

const program = (name: string, file: string) =>
  fileURLToPath(new URL(file, import.meta.resolve(`${name}/package.json`)));

/** The tests of the operation, and the budget of its bundle. */
const operationTests = ['tests/api/mood.test.ts', 'tests/stack/bundle.test.ts'];

/** Returns the output of npm start without the ports and the numbers of bytes. */
function comparable(output: string): string {
  return output.replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1').replaceAll(/[\d,]+ bytes/g, 'bytes');
}

test('npm run generate accepts the contract of CONTRIBUTING.md', () => succeeds('infra/scripts/generate.ts'));

test('the files of CONTRIBUTING.md have no type error, format or lint', longOnly, async () => {
  // The tests are left out: with the types of the CDK it would take four times as long.
  await writeFile(join(copy, 'functions/tsconfig.json'), '{ "extends": "../tsconfig.json", "include": ["."] }\n');
  await succeeds(program('typescript', 'bin/tsc'), '--project', 'functions');
  const biome = [program('@biomejs/biome', 'bin/biome'), 'check', '--error-on-warnings', '--vcs-enabled=false'];
  const edited = new Set(blocks.map(({ file }) => file).filter((file) => file.endsWith('.ts')));
  await succeeds(...biome, ...edited);
});

test('npm start serves the operation of CONTRIBUTING.md as it says there, and its tests pass', longOnly, async () => {
  const script = project.start(['infra/local/cli/serve.ts', '--output', 'text'], {
    PORT: '0',
    LAMBDA_PORT: '0',
    DOCS_PORT: '0',
    TMPDIR: copy,
  });
  try {
    await script.says(/Ready in/);
    const [, shown = ''] = /^```text\n(.*?)^```$/ms.exec(text) ?? [];
    assert.match(shown, /curl/);
    const output = comparable(script.output());
    for (const line of shown.trimEnd().split('\n')) {
      assert(output.includes(`\n${comparable(line)}\n`), `npm start does not print ${line}\n${script.output()}`);
    }
    const [, url = '', data] = /curl -i -X POST '(\S+\/mood\S*)' .* -d '(.*)'/.exec(script.output()) ?? [];
    const [, answer] = /The API responds with `(.*)`/.exec(text) ?? [];
    const { text: answered } = await request(url).post('').set('content-type', 'application/json').send(data);
    assert.equal(answered, answer);

    const assembly = (await readdir(copy)).find((name) => name.startsWith('feeling-api-run-'));
    assert(assembly);
    const tests = project.start(
      ['--test', '--test-isolation=none', '--test-skip-pattern=of feeling-', ...operationTests],
      // The tests read the stack that npm start has synthesised.
      { [assemblyVariable]: join(copy, assembly) },
    );
    assert.equal(await tests.ended(), 0, tests.output());
  } finally {
    script.process.kill('SIGINT');
    assert.equal(await script.ended(), 0);
  }
});
