/** `npm run dev`: the next response has each edit, or a message says what is broken. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, watch, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { InvocationType, InvokeCommand } from '@aws-sdk/client-lambda';
import request from 'supertest';
import { z } from 'zod';
import { projectRoot } from '../../infra/project-root.ts';
import { runScript, type Script, type Told } from '../../infra/scripts/running-script.ts';
import { openGate } from '../harness/gate.ts';
import { localClient } from '../harness/lambda-client.ts';
import { isAlive } from '../harness/test-stack.ts';

const linuxOnly = process.platform === 'linux' ? {} : { skip: 'it reads /proc, which only Linux has' };
const rule = 'functions/feeling/feeling.ts';
const stackFile = 'infra/feeling-stack.ts';
const gate = await openGate();

let folder: string;
let script: Script;
let url: string;
let lambdaUrl: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'feeling-api-test-'));
  await mkdir(join(folder, 'project'));
  for (const name of ['functions', 'shared', 'infra', 'openapi.yaml', 'package.json', 'tsconfig.json']) {
    await cp(join(projectRoot, name), path(name), { recursive: true });
  }
  await symlink(join(projectRoot, 'node_modules'), path('node_modules'), 'junction');
  const env = {
    PORT: '0',
    LAMBDA_PORT: '0',
    DOCS_PORT: '0',
    QUEUE_DIRECTORY: join(folder, 'queues'),
    RETRY_SECONDS: '1',
  };
  script = runScript('infra/local/cli/serve.ts', ['--watch'], { ...env, TMPDIR: folder }, path(''));
  const addresses = z.object({ url: z.string(), lambdaUrl: z.string(), watches: z.literal(true) });
  ({ url, lambdaUrl } = addresses.parse(await script.tells('ready')));
});
after(async () => {
  script.process.kill('SIGKILL');
  await gate[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Of the copy that is edited. */
function path(name: string): string {
  return join(folder, 'project', name);
}

/** Saves a file by one step: what an editor does in several may be noticed in between. */
async function save(name: string, text: string): Promise<void> {
  await writeFile(join(folder, 'saved'), text);
  await rename(join(folder, 'saved'), path(name));
}

async function edit(name: string, from: string | RegExp, to: string): Promise<void> {
  const text = await readFile(path(name), 'utf8');
  const edited = text.replace(from, to);
  assert.notEqual(edited, text, `${name} has ${from} in it`);
  await save(name, edited);
}

async function restore(name: string): Promise<void> {
  await save(name, await readFile(join(projectRoot, name), 'utf8'));
}

/** Whether an event names an edit of a file. */
const has = (name: string) => (told: Told) => Array.isArray(told['files']) && told['files'].includes(name);

/** Does something, and waits until it prints the next event of a name that matches. */
async function next(
  event: string,
  act: () => Promise<void> | void,
  matches: (told: Told) => boolean = () => true,
): Promise<Told> {
  const start = script.told().length;
  await act();
  return script.tells(event, (told) => script.told().indexOf(told) >= start && matches(told));
}

let asked = 0;

async function ask(message: string): Promise<request.Response> {
  asked++;
  return request(url).post('/feeling').send({ emoji_type: 0, message });
}

async function feeling(): Promise<string> {
  return (await ask('hi')).body.feeling;
}

/** Whether the next request starts an environment. */
async function isCold(): Promise<unknown> {
  await feeling();
  // The event is printed after the response.
  const asks = () => script.told().filter(({ event, method }) => event === 'request' && method === 'POST');
  await script.tells('request', () => asks().length === asked);
  return asks().at(-1)?.['cold'];
}

const says = (word: string) => `export const feelingOf = () => '${word}';\n`;
const both = ['feeling-http-dev', 'feeling-direct-dev'];

test('the next response has a saved edit, and a message names the functions that restarted', async () => {
  assert.equal(await feeling(), 'positive');
  const { files, remade, functions, milliseconds } = await next('changed', () =>
    edit(rule, "'positive'", "'delighted'"),
  );
  assert.deepEqual({ files, remade, functions }, { files: [rule], remade: 'functions', functions: both });
  assert.equal(typeof milliseconds, 'number');
  assert.equal(await feeling(), 'delighted');
  await next('changed', () => restore(rule));
  assert.equal(await feeling(), 'positive');
});

test('only functions that import the edited file restart; the others keep their environments', async () => {
  await feeling();
  const swap = () =>
    edit('functions/feeling/direct.ts', 'return respond(event)', 'return { ...respond(event), message: "" }');
  assert.deepEqual((await next('changed', swap))['functions'], ['feeling-direct-dev']);
  assert.equal(await isCold(), false);
  await next('changed', () => restore('functions/feeling/direct.ts'));
});

test('an edit that changes no bundle restarts nothing', async () => {
  await feeling();
  const comment = () => edit(rule, /^/, '// A remark.\n');
  assert.deepEqual((await next('changed', comment))['functions'], []);
  assert.equal(await isCold(), false);
  await next('changed', () => restore(rule));
});

test('saves by renaming a new file over the old one are noticed, as editors do it', async () => {
  for (const word of ['glad', 'merry', 'gay']) {
    await next('changed', async () => {
      await writeFile(path('functions/feeling/.feeling.ts.swp'), 'of the editor');
      await writeFile(path(`${rule}~`), says(word));
      await rename(path(`${rule}~`), path(rule));
    });
    assert.equal(await feeling(), word);
  }
  await next('changed', () => restore(rule));
});

test('new files in new folders are noticed, and so is their removal', async () => {
  const moods = path('functions/feeling/moods');
  await next(
    'changed',
    async () => {
      await mkdir(join(moods, 'good'), { recursive: true });
      await writeFile(join(moods, 'good/mood.ts'), "export const mood = 'new';\n");
      await save(rule, "import { mood } from './moods/good/mood.ts';\nexport const feelingOf = () => mood;\n");
    },
    has(rule),
  );
  assert.equal(await feeling(), 'new');
  await next('changed', () => writeFile(join(moods, 'good/mood.ts'), "export const mood = 'newer';\n"));
  assert.equal(await feeling(), 'newer');

  const { file, line, message } = await next('error', () => rm(moods, { recursive: true }));
  assert.deepEqual({ file, line }, { file: rule, line: 1 });
  assert.equal(message, 'Could not resolve "./moods/good/mood.ts"');
  assert.equal(await feeling(), 'newer');
  const again = async () => {
    await mkdir(join(moods, 'good'), { recursive: true });
    await writeFile(join(moods, 'good/mood.ts'), "export const mood = 'back';\n");
  };
  await next('changed', again);
  assert.equal(await feeling(), 'back');
  await next(
    'changed',
    async () => {
      await rm(moods, { recursive: true });
      await restore(rule);
    },
    has(rule),
  );
});

test('a broken edit prints file and line, the previous version stays in service, and the next good save is served', async () => {
  const broken = () => edit(rule, 'return', 'retrun');
  const { files, file, line, column, message } = await next('error', broken);
  assert.deepEqual({ files, file, line, column }, { files: [rule], file: rule, line: 5, column: 30 });
  assert.equal(message, 'Expected ";" but found "\'positive\'"');
  assert.equal(await feeling(), 'positive');
  await next('changed', () => save(rule, says('mended')));
  assert.equal(await feeling(), 'mended');
  await next('changed', () => restore(rule));
});

test('a burst of saves becomes a few rebuilds, and the last one has the last save', async () => {
  const start = script.told().length;
  for (let i = 0; i <= 100; i++) writeFileSync(path(rule), says(`save ${i}`));
  while ((await feeling()) !== 'save 100') await new Promise(setImmediate);
  const rebuilds = script
    .told()
    .slice(start)
    .filter(({ event }) => event === 'changed');
  assert(rebuilds.length <= 5, `${rebuilds.length} rebuilds`);
  await next('changed', () => restore(rule));
});

test('a request in flight finishes on the old code, whose environment then ends', async () => {
  const http = 'functions/feeling/http.ts';
  const waits = `export const handler = async () => {
    await (await fetch('${gate.url}?pid=' + process.pid)).text();
    return { statusCode: 200, body: 'old' };
  };`;
  await next('changed', () => save(http, waits), has(http));
  const underWay = ask('hi');
  const { pid, gone, release } = await gate.arrival();
  await next('changed', () => restore(http), has(http));
  assert.equal(await feeling(), 'positive');
  assert.equal(isAlive(pid), true);
  release();
  assert.equal((await underWay).text, 'old');
  await gone;
  while (isAlive(pid)) await new Promise(setImmediate);
});

test('an event that waits for its retry runs on the code that was saved meanwhile', async () => {
  const direct = 'functions/feeling/direct.ts';
  await next('changed', () => save(direct, "export const handler = () => { throw new Error('old'); };"), has(direct));
  const client = localClient(lambdaUrl);
  const event = { FunctionName: 'feeling-direct-dev', Payload: '{"emoji_type":1,"message":"hi"}' };
  const failed = await next('event-failed', async () => {
    await client.send(new InvokeCommand({ ...event, InvocationType: InvocationType.Event }));
  });
  assert.equal(failed['error'], 'Error: old');
  const ended = next('event-ended', () => {});
  await next('changed', () => restore(direct), has(direct));
  const { requestId, condition, attempts } = await ended;
  assert.deepEqual([requestId, condition, attempts], [failed['requestId'], 'Success', 2]);
  client.destroy();
});

test('an edit of the stack, here of its CORS, is served; unchanged functions keep their environments', async () => {
  await feeling();
  const origin = 'https://app.example';
  const stages = () => edit('infra/stages.ts', "allowedOrigins: ['*']", `allowedOrigins: ['${origin}']`);
  const { files, remade, functions } = await next('changed', stages);
  assert.deepEqual({ files, remade, functions }, { files: ['infra/stages.ts'], remade: 'stack', functions: [] });
  const { headers } = await request(url).get('/').set('origin', origin).expect(404);
  assert.equal(headers['access-control-allow-origin'], origin);
  assert.equal(await isCold(), false);
});

test('a save during a synthesis is not lost', async () => {
  const during = async () => {
    const begun = nextAssembly();
    await restore('infra/stages.ts');
    await begun;
    await save(rule, says('meanwhile'));
  };
  const synthesised = await next('changed', during);
  assert.deepEqual([synthesised['files'], synthesised['remade']], [['infra/stages.ts'], 'stack']);
  const isLater = (told: Told) => script.told().indexOf(told) > script.told().indexOf(synthesised);
  const { files, remade } = await script.tells('changed', isLater);
  assert.deepEqual({ files, remade }, { files: [rule], remade: 'functions' });
  assert.equal(await feeling(), 'meanwhile');
  await next('changed', () => restore(rule));
});

test('a stack that cannot be synthesised prints a sentence with its place; the next good save, of the contract, is served', async () => {
  const unservable = /^This stack cannot be served on this machine\. Fifo\w+: this AWS::SQS::Queue cannot be served/;
  const cases: { name: string; from: string; to: string; said: RegExp; hasLine?: boolean; hasFile?: boolean }[] = [
    { name: 'infra/stages.ts', from: 'memoryMb: 512', to: 'memoryMb: 64', said: /memoryMb=64: write a/, hasFile: true },
    { name: stackFile, from: 'Tags.of(this)', to: 'Tags.off(this)', said: /^TypeError: .*off is not/, hasLine: true },
    {
      name: stackFile,
      from: './function-name.ts',
      to: './nope.ts',
      said: /^Could not resolve "\.\/nope/,
      hasLine: true,
    },
    { name: stackFile, from: 'monitoring.finish();', to: "new Queue(this, 'Fifo', { fifo: true });", said: unservable },
  ];
  let broken = 'infra/stages.ts';
  for (const { name, from, to, said, hasLine, hasFile = hasLine } of cases) {
    const { file, line, message } = await next('error', async () => {
      await restore(broken);
      await edit(name, from, to);
    });
    assert.match(String(message), said);
    assert.doesNotMatch(String(message), /\n {4}at /);
    const [before = ''] = (await readFile(join(projectRoot, name), 'utf8')).split(from);
    assert.equal(file, hasFile ? name : undefined);
    assert.equal(line, hasLine ? before.split('\n').length : undefined);
    assert.equal(await feeling(), 'positive');
    broken = name;
  }
  // The next good save recovers: here one of the contract.
  const shorter = async () => {
    await restore(broken);
    await edit('openapi.yaml', 'maxLength: 65536', 'maxLength: 3');
  };
  const { remade, functions } = await next('changed', shorter, has('openapi.yaml'));
  assert.deepEqual({ remade, functions }, { remade: 'contract', functions: both });
  assert.equal((await ask('long')).status, 400);
  assert.equal((await ask('hi')).status, 200);
});

test('a broken edit of the contract prints its line, and changes nothing', async () => {
  const generated = await readFile(path('shared/contract.gen.ts'), 'utf8');
  const { file, line, message } = await next('error', () =>
    edit('openapi.yaml', 'operationId: feeling', 'operationId: [feeling'),
  );
  assert.deepEqual({ file, line }, { file: 'openapi.yaml', line: 44 });
  assert.match(String(message), /Flow sequence in block collection must be/);
  assert.equal((await ask('long')).status, 400);
  assert.equal(await readFile(path('shared/contract.gen.ts'), 'utf8'), generated);
  const edits = script.told().filter(({ event }) => event === 'changed');
  const told = edits.filter(({ files }) => String(files).includes('contract.gen.ts'));
  assert.deepEqual(told, [], 'a generated file is no edit');
});

test('a contract that is generated, but whose stack fails, is reported once, with the function to create', async () => {
  const start = script.told().length;
  const { files, message } = await next('error', () =>
    edit('openapi.yaml', 'operationId: [feeling', 'operationId: felt'),
  );
  assert.deepEqual(files, ['openapi.yaml']);
  assert.match(String(message), /: create functions\/felt\/http\.ts$/);
  assert.match(await readFile(path('shared/contract.gen.ts'), 'utf8'), /felt/);
  // The generated file is no edit: it neither starts a rebuild, nor appears in the next one.
  await next('changed', () => restore('openapi.yaml'));
  const told = script.told().slice(start);
  assert.deepEqual(
    told.filter((one) => 'files' in one).map((one) => [one['event'], one['files']]),
    [
      ['error', ['openapi.yaml']],
      ['changed', ['openapi.yaml']],
    ],
  );
});

test("edits are built after esbuild's process was killed", linuxOnly, async () => {
  await next('changed', () => save(rule, says('before')));
  const builders = await childrenNamed('esbuild');
  assert.equal(builders.length, 1);
  for (const pid of builders) process.kill(pid, 'SIGKILL');
  await next('changed', () => save(rule, says('after')));
  assert.equal(await feeling(), 'after');
  await next('changed', () => restore(rule));
});

test('a FIFO and a socket among the sources hold up no edit', linuxOnly, async () => {
  const special = path('functions/feeling/special');
  await mkdir(special);
  await promisify(execFile)('mkfifo', [join(special, 'fifo.ts')]);
  await symlink(join(special, 'fifo.ts'), join(special, 'link.ts'));
  const server = createServer().listen(join(special, 'socket.ts'));
  await once(server, 'listening');
  await next('changed', () => save(rule, says('special')), has(rule));
  assert.equal(await feeling(), 'special');
  server.close();
  await rm(special, { recursive: true });
  await next('changed', () => restore(rule));
});

test('an edit of the server itself prints that a restart is needed', async () => {
  const file = 'infra/local/local-runtime.ts';
  const { files } = await next('restart-needed', () => edit(file, /^/, '// A remark.\n'));
  assert.deepEqual(files, [file]);
  await next('restart-needed', () => restore(file));
});

test('a route whose path changed is printed, with a command to try it', async () => {
  const { added, removed, commands } = await next('routes-changed', () =>
    edit('openapi.yaml', '\n  /feeling:', '\n  /emotion:'),
  );
  assert.deepEqual({ added, removed }, { added: ['POST /emotion'], removed: ['POST /feeling'] });
  assert.match(String(commands), /^curl -i -X POST \S+\/emotion .*,npm run invoke /);
  await request(url).post('/emotion').send({ emoji_type: 0, message: 'hi' }).expect(200);
  await next('routes-changed', () => restore('openapi.yaml'));
});

test('an edit of the bundler synthesises the stack, and so does each save after it', async () => {
  const bundler = 'infra/function-bundle.ts';
  const { remade, functions } = await next('changed', () => edit(bundler, 'minify: true', 'minify: false'));
  assert.deepEqual({ remade, functions }, { remade: 'stack', functions: both });
  const { files, remade: afterwards } = await next('changed', () => save(rule, says('plain')));
  assert.deepEqual({ files, remade: afterwards }, { files: [rule], remade: 'stack' });
  assert.equal(await feeling(), 'plain');
});

test('a missing file of a broken stack is noticed when it appears; a stop meanwhile leaves no process and no folder', async () => {
  const { message } = await next('error', () => edit(stackFile, './function-name.ts', './names.ts'));
  assert.equal(message, 'Could not resolve "./names.ts"');
  const begun = nextAssembly();
  await cp(path('infra/function-name.ts'), path('infra/names.ts'));
  await begun;
  const children = await childrenOf(script.process.pid ?? 0);
  script.process.kill('SIGINT');
  assert.equal(await script.ended(), 0);
  assert(script.told().some(({ event }) => event === 'stopped'));
  while (children.some(isAlive)) await new Promise(setImmediate);
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.startsWith('feeling-api-run-')),
    [],
  );
});

/** Waits until an assembly is begun, from now on. */
async function nextAssembly(): Promise<void> {
  const name = readdirSync(folder).find((name) => name.startsWith('feeling-api-run-'));
  assert(name);
  const before = new Set(readdirSync(join(folder, name)));
  for await (const { filename } of watch(join(folder, name))) {
    if (filename?.startsWith('assembly-') && !before.has(filename)) return;
  }
}

/** Returns the processes that a process has started; none where the system does not say. */
async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
}

/** Returns the server's child processes of a program. */
async function childrenNamed(program: string): Promise<number[]> {
  const named = [];
  for (const pid of await childrenOf(script.process.pid ?? 0)) {
    if ((await readFile(`/proc/${pid}/comm`, 'utf8')).trim() === program) named.push(pid);
  }
  return named;
}
