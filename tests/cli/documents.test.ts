/** The documents: what they show works to the letter, and the README stays short. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import request from 'supertest';
import { projectRoot } from '../../infra/project-root.ts';
import { projectFiles } from '../../infra/scripts/project-files.ts';
import { bareEnvironment } from '../../infra/scripts/running-script.ts';
import { codeBlock } from '../harness/documents.ts';
import { type ServedStack, type SynthesisedStack, serveStack, synthesiseStack } from '../harness/feeling-api.ts';

const run = promisify(execFile);
const maxReadmeWords = 1000;

let readme: string;
let stack: SynthesisedStack;
let api: ServedStack;
let folder: string;

before(async () => {
  readme = await readFile(join(projectRoot, 'README.md'), 'utf8');
  stack = await synthesiseStack();
  api = await serveStack(stack.directory);
  folder = await mkdtemp(join(tmpdir(), 'feeling-documents-'));
  await symlink(join(projectRoot, 'node_modules'), join(folder, 'node_modules'), 'junction');
});
after(async () => {
  await rm(folder, { recursive: true, force: true });
  await api[Symbol.asyncDispose]();
  await stack[Symbol.asyncDispose]();
});

/** Returns what a document shows, with the ports that this test has. */
function withPorts(code: string): string {
  const lambdaUrl = api.runtime.lambdaUrl;
  return code.replaceAll('http://127.0.0.1:3001', lambdaUrl).replaceAll(/(?:http:\/\/)?127\.0\.0\.1:3000/g, api.url);
}

/** Runs a line of a document in a shell. */
function shell(line: string) {
  const env = { ...bareEnvironment(), LAMBDA_ENDPOINT_URL: api.runtime.lambdaUrl };
  return run('sh', ['-c', withPorts(line)], { cwd: projectRoot, env });
}

const hasCurl = await run('curl', ['--version']).then(
  () => ({}),
  () => ({ skip: 'there is no curl on the PATH' }),
);

test(`README.md has at most ${maxReadmeWords} words`, () => {
  const words = readme.split(/\s+/).filter((word) => word !== '').length;
  assert(words <= maxReadmeWords, `README.md has ${words} words: move some to the README of a folder`);
});

test('every npm script in a document exists', async () => {
  const { scripts } = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8'));
  let seen = 0;
  for (const file of (await projectFiles()).filter((name) => name.endsWith('.md'))) {
    const text = await readFile(join(projectRoot, file), 'utf8');
    for (const [command, name = ''] of text.matchAll(/\bnpm (?:run (?:--silent )?([\w:]+)|start\b|test\b)/g)) {
      seen++;
      const script = name || command.replace('npm ', '');
      assert(Object.hasOwn(scripts, script), `${file} shows "${command}", and package.json has no such script`);
    }
  }
  assert(seen > 0);
});

test('the request at the top of README.md gets the response below it', async () => {
  const [, method, path = '', body, status, response = ''] =
    /^ {4}(POST) (\S+) +(\{.*\})\n {4}(\d+) +(\{.*\})$/m.exec(readme) ?? [];
  assert.equal(method, 'POST');
  const answer = await request(api.url).post(path).set('content-type', 'application/json').send(body);
  assert.equal(answer.status, Number(status));
  assert.deepEqual(answer.body, JSON.parse(response));
});

test('the curl of README.md prints a feeling', hasCurl, async () => {
  const { stdout } = await shell(await codeBlock('README.md', 'sh', 'curl '));
  assert.match(stdout, /^HTTP\/1\.1 200 OK\r\n/);
  assert.match(stdout, /\r\n\r\n\{"feeling":"positive","message":"hi 🎉"\}$/);
});

test('the SDK code of README.md prints a feeling', async () => {
  const file = join(folder, 'try.mts');
  await writeFile(file, withPorts(await codeBlock('README.md', 'ts', 'LambdaClient')));
  const { stdout } = await run(process.execPath, [file], { env: bareEnvironment() });
  assert.equal(stdout, "undefined { feeling: 'positive', message: 'hi' }\n");
});

test('npm run invoke of README.md prints a feeling', async () => {
  const [, command = ''] = /`(npm run invoke -- '.*?')`/.exec(readme) ?? [];
  const { stdout } = await shell(command);
  assert.match(stdout, /"feeling": "positive",\s+"message": "hi"/);
});

test('npm run invoke of infra/local/README.md sends an asynchronous event', async () => {
  const command = await codeBlock('infra/local/README.md', 'sh', `--async '{"emoji_type"`);
  const { stdout } = await shell(command);
  assert.match(stdout, /[0-9a-f]{8}-[0-9a-f-]{27}\n$/, 'the ID of the request');
});
