/** CONTRIBUTING.md done to the letter, in a copy of the project, which then has one more operation. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import request from 'supertest';
import { projectRoot } from '../../infra/project-root.ts';
import { bareEnvironment, type Script, started } from '../../infra/scripts/running-script.ts';

const sources = [
  'functions',
  'infra',
  'shared',
  'tests',
  'openapi.yaml',
  'package.json',
  'tsconfig.json',
  'biome.json',
];

/** A block of code, and where the line above it says that it goes: into a file of its own, or to a line of another. */
interface Block {
  file: string;
  at?: { place: string; line: string };
  code: string;
}

let text: string;
let blocks: Block[];
let copy: string;

before(async () => {
  text = await readFile(join(projectRoot, 'CONTRIBUTING.md'), 'utf8');
  const headed = /^`([^`]+)`(?:, (above|below|in place of) the line `([^`]+)`)?\n\n```\w+\n(.*?)^```$/gms;
  blocks = [...text.matchAll(headed)].map(([, file = '', place, line, code = '']) => ({
    file,
    code,
    ...(place && line && { at: { place, line } }),
  }));
  copy = await mkdtemp(join(tmpdir(), 'feeling-api-copy-'));
  for (const name of sources) await cp(join(projectRoot, name), join(copy, name), { recursive: true });
  await mkdir(join(copy, 'node_modules'));
  for (const name of await readdir(join(projectRoot, 'node_modules'))) {
    const [from, to] = [join(projectRoot, 'node_modules', name), join(copy, 'node_modules', name)];
    // What is bundled is listed where it really is, and that is to be in the copy.
    if (name === '@middy') await cp(from, to, { recursive: true });
    else await symlink(from, to, 'junction');
  }
});
after(() => rm(copy, { recursive: true, force: true }));

test('each block of code says where it goes, and goes there', async () => {
  // The one that is left is the output of npm start.
  assert.equal(blocks.length + 1, text.match(/^```\w+$/gm)?.length);
  for (const { file, at, code } of blocks) {
    const path = join(copy, file);
    const found = await readFile(path, 'utf8').catch(() => '');
    // In a project where somebody tries it, it is there already.
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

/** Runs a program in the copy, in a bare environment. */
function start(args: string[], env: NodeJS.ProcessEnv = {}): Script {
  return started(spawn(process.execPath, args, { cwd: copy, env: { ...bareEnvironment(), ...env } }));
}

async function succeeds(...args: string[]): Promise<void> {
  const script = start(args);
  assert.equal(await script.ended(), 0, script.output());
}

const program = (name: string, file: string) =>
  fileURLToPath(new URL(file, import.meta.resolve(`${name}/package.json`)));

/** Returns the output of npm start without its ports and sizes. */
function comparable(output: string): string {
  return output.replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1').replaceAll(/[\d,]+ bytes/g, 'bytes');
}

test('npm run generate takes the contract', () => succeeds('infra/scripts/generate.ts'));

describe('then', { concurrency: 2 }, () => {
  test('types, format and lint are right', async () => {
    // The tests are left out: with the types of the CDK it would take four times as long.
    await writeFile(join(copy, 'functions/tsconfig.json'), '{ "extends": "../tsconfig.json", "include": ["."] }\n');
    await succeeds(program('typescript', 'bin/tsc'), '--project', 'functions');
    await succeeds(program('@biomejs/biome', 'bin/biome'), 'check', '--error-on-warnings', '--vcs-enabled=false', '.');
  });

  test('its tests pass, and its bundle is within the budget', async () => {
    const inOneProcess = ['--test', '--test-isolation=none', '--test-skip-pattern=of feeling-'];
    await succeeds(...inOneProcess, 'tests/api/mood.test.ts', 'tests/stack/bundle.test.ts');
  });

  test('npm start shows it and serves it as it says there', async () => {
    const script = start(['infra/local/cli/serve.ts', '--output', 'text'], {
      PORT: '0',
      LAMBDA_PORT: '0',
      DOCS_PORT: '0',
    });
    try {
      await script.says(/Ready in/);
      const [, shown = ''] = /^```text\n(.*?)^```$/ms.exec(text) ?? [];
      assert.match(shown, /curl/);
      const output = comparable(script.output());
      for (const line of shown.trimEnd().split('\n')) {
        assert(output.includes(`\n${comparable(line)}\n`), `npm start does not print ${line}\n${script.output()}`);
      }
      const [, url = '', data] = /curl -i -X POST (\S+\/mood) .* -d '(.*)'/.exec(script.output()) ?? [];
      const [, answer] = /The API responds with `(.*)`/.exec(text) ?? [];
      const { text: answered } = await request(url).post('').set('content-type', 'application/json').send(data);
      assert.equal(answered, answer);
    } finally {
      script.process.kill('SIGINT');
      assert.equal(await script.ended(), 0);
    }
  });
});
