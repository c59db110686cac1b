/** `npm run dev` while the stack and the contract are edited. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { cp, readdir, readFile, watch } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import request from 'supertest';
import { projectRoot } from '../../infra/project-root.ts';
import type { Told } from '../../infra/scripts/running-script.ts';
import { isLongForm, longOnly } from '../harness/long-form.ts';
import { isAlive } from '../harness/test-stack.ts';
import { bothFunctions, DevSession, rule, ruleThatReturns } from './dev-session.ts';

const stackFile = 'infra/feeling-stack.ts';

let dev: DevSession;

before(async () => {
  dev = await DevSession.start();
});
after(() => dev[Symbol.asyncDispose]());

test('npm run dev serves an edit of the stack, its CORS, and keeps the environments of unchanged functions', async () => {
  await dev.feeling();
  const origin = 'https://app.example';
  const stages = () => dev.edit('infra/stages.ts', "allowedOrigins: ['*']", `allowedOrigins: ['${origin}']`);
  const { files, remade, functions } = await dev.next('changed', stages);
  assert.deepEqual({ files, remade, functions }, { files: ['infra/stages.ts'], remade: 'stack', functions: [] });
  const { headers } = await request(dev.url).get('/').set('origin', origin).expect(404);
  assert.equal(headers['access-control-allow-origin'], origin);
  assert.equal(await dev.isCold(), false);
});

test('npm run dev serves a save that comes during a synthesis', longOnly, async () => {
  const during = async () => {
    const begun = nextAssembly();
    await dev.restore('infra/stages.ts');
    await begun;
    await dev.save(rule, ruleThatReturns('meanwhile'));
  };
  const synthesised = await dev.next('changed', during);
  assert.deepEqual([synthesised['files'], synthesised['remade']], [['infra/stages.ts'], 'stack']);
  const isLater = (told: Told) => dev.script.told().indexOf(told) > dev.script.told().indexOf(synthesised);
  const { files, remade } = await dev.script.tells('changed', isLater);
  assert.deepEqual({ files, remade }, { files: [rule], remade: 'functions' });
  assert.equal(await dev.feeling(), 'meanwhile');
  await dev.next('changed', () => dev.restore(rule));
});

test('npm run dev prints file and line of a stack that fails, and keeps serving the old one', async () => {
  const unservable = /^This stack cannot be served on this machine\. .* has 2 of stack/;
  const cases: { name: string; from: string; to: string; said: RegExp; hasLine?: boolean; hasFile?: boolean }[] = [
    { name: 'infra/stages.ts', from: 'memoryMb: 512', to: 'memoryMb: 64', said: /memoryMb=64: write a/, hasFile: true },
    { name: stackFile, from: 'Tags.of(this)', to: 'Tags.off(this)', said: /^TypeError: .*off is not/, hasLine: true },
    {
      name: stackFile,
      from: "new CfnOutput(this, 'ApiUrl'",
      to: "new Stack(this, 'Other'); new CfnOutput(this, 'ApiUrl'",
      said: unservable,
    },
  ];
  let broken = 'infra/stages.ts';
  for (const { name, from, to, said, hasLine, hasFile = hasLine } of isLongForm ? cases : cases.slice(-1)) {
    const { file, line, message } = await dev.next('error', async () => {
      await dev.restore(broken);
      await dev.edit(name, from, to);
    });
    assert.match(String(message), said);
    assert.doesNotMatch(String(message), /\n {4}at /);
    assert.equal(file, hasFile ? name : undefined);
    assert.equal(line, hasLine ? await lineOf(name, from) : undefined);
    assert.equal(await dev.feeling(), 'positive');
    broken = name;
  }
});

test('npm run dev prints the line of a broken edit of the contract, and changes nothing', longOnly, async () => {
  const generated = await readFile(dev.path('shared/contract.gen.ts'), 'utf8');
  const { file, line, message } = await dev.next('error', async () => {
    await dev.restore(stackFile);
    await dev.edit('openapi.yaml', 'operationId: feeling', 'operationId: [feeling');
  });
  const edited = await lineOf('openapi.yaml', 'operationId: feeling');
  // The list that the edit opens goes on in the next line.
  assert.deepEqual({ file, line }, { file: 'openapi.yaml', line: edited + 1 });
  assert.match(String(message), /Flow sequence in block collection must be/);
  assert.equal((await dev.post('long')).status, 200);
  assert.equal(await readFile(dev.path('shared/contract.gen.ts'), 'utf8'), generated);
});

test(
  'npm run dev reports a contract once if its stack fails, and serves the next good save of it',
  longOnly,
  async () => {
    const start = dev.script.told().length;
    const { files, message } = await dev.next('error', () =>
      dev.edit('openapi.yaml', 'operationId: [feeling', 'operationId: felt'),
    );
    assert.deepEqual(files, ['openapi.yaml']);
    assert.match(String(message), /: create functions\/felt\/http\.ts$/);
    assert.match(await readFile(dev.path('shared/contract.gen.ts'), 'utf8'), /felt/);

    const good = await readFile(join(projectRoot, 'openapi.yaml'), 'utf8');
    const shorter = () => dev.save('openapi.yaml', good.replace(/^ {10}maxLength: 65536$/m, '          maxLength: 3'));
    const { remade, functions } = await dev.next('changed', shorter);
    assert.deepEqual({ remade, functions }, { remade: 'contract', functions: bothFunctions });
    assert.equal((await dev.post('long')).status, 400);
    assert.equal((await dev.post('hi')).status, 200);

    // Generated code is not an edit: it causes no second report, and no report lists it.
    const told = dev.script.told().slice(start);
    assert.deepEqual(
      told.filter((one) => 'files' in one).map((one) => [one['event'], one['files']]),
      [
        ['error', ['openapi.yaml']],
        ['changed', ['openapi.yaml']],
      ],
    );
  },
);

test('npm run dev prints a route whose path changed, with commands to try it', longOnly, async () => {
  const { added, removed, commands } = await dev.next('routes-changed', async () => {
    await dev.restore('openapi.yaml');
    await dev.edit('openapi.yaml', '\n  /feeling:', '\n  /emotion:');
  });
  assert.deepEqual({ added, removed }, { added: ['POST /emotion'], removed: ['POST /feeling'] });
  assert.match(String(commands), /^curl -i -X POST \S+\/emotion .*,npm run invoke /);
  await request(dev.url).post('/emotion').send({ emoji_type: 0, message: 'hi' }).expect(200);
  await dev.next('routes-changed', () => dev.restore('openapi.yaml'));
});

test(
  'npm run dev synthesises the stack after an edit of the bundler, and at every save from then on',
  longOnly,
  async () => {
    const bundler = 'infra/function-bundle.ts';
    const { remade, functions } = await dev.next('changed', () => dev.edit(bundler, 'minify: true', 'minify: false'));
    assert.deepEqual({ remade, functions }, { remade: 'stack', functions: bothFunctions });
    const { files, remade: afterwards } = await dev.next('changed', () => dev.save(rule, ruleThatReturns('plain')));
    assert.deepEqual({ files, remade: afterwards }, { files: [rule], remade: 'stack' });
    assert.equal(await dev.feeling(), 'plain');
  },
);

test(
  'npm run dev retries a broken stack when its missing file appears; SIGINT then leaves no process and no folder',
  longOnly,
  async () => {
    const { file, line, message } = await dev.next('error', () =>
      dev.edit(stackFile, './function-name.ts', './names.ts'),
    );
    assert.equal(message, 'Could not resolve "./names.ts"');
    assert.deepEqual({ file, line }, { file: stackFile, line: await lineOf(stackFile, './function-name.ts') });
    const begun = nextAssembly();
    await cp(dev.path('infra/function-name.ts'), dev.path('infra/names.ts'));
    await begun;
    const children = await childrenOf(dev.script.process.pid ?? 0);
    dev.script.process.kill('SIGINT');
    assert.equal(await dev.script.ended(), 0);
    assert(dev.script.told().some(({ event }) => event === 'stopped'));
    while (children.some(isAlive)) await new Promise(setImmediate);
    assert.deepEqual(
      (await readdir(dev.folder)).filter((name) => name.startsWith('feeling-api-run-')),
      [],
    );
  },
);

/** Returns the number of the first line of a file of the project that contains a text. */
async function lineOf(name: string, text: string): Promise<number> {
  const [before = ''] = (await readFile(join(projectRoot, name), 'utf8')).split(text);
  return before.split('\n').length;
}

/** Waits until a synthesis begins to write its assembly. */
async function nextAssembly(): Promise<void> {
  const name = readdirSync(dev.folder).find((name) => name.startsWith('feeling-api-run-'));
  assert(name);
  const before = new Set(readdirSync(join(dev.folder, name)));
  for await (const { filename } of watch(join(dev.folder, name))) {
    if (filename?.startsWith('assembly-') && !before.has(filename)) return;
  }
}

/** Returns the child processes of a process, on Linux; elsewhere none. */
async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
}
