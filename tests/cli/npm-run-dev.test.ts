/** `npm run dev` while functions are edited: the next response has the edit, or the error is printed. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { InvocationType, InvokeCommand } from '@aws-sdk/client-lambda';
import { openGate } from '../harness/gate.ts';
import { localClient } from '../harness/lambda-client.ts';
import { longOnly } from '../harness/long-form.ts';
import { isAlive } from '../harness/test-stack.ts';
import { childrenOf, linuxOnly } from '../load/process-facts.ts';
import { bothFunctions, DevSession, hasFile, rule, ruleThatReturns } from './dev-session.ts';

const gate = await openGate();

let dev: DevSession;

before(async () => {
  dev = await DevSession.start();
});
after(async () => {
  await gate[Symbol.asyncDispose]();
  await dev[Symbol.asyncDispose]();
});

test('npm run dev serves a saved function in the next response, and reports the functions it replaced', async () => {
  assert.equal(await dev.feeling(), 'positive');
  const { files, remade, functions, milliseconds } = await dev.next('changed', () =>
    dev.edit(rule, "'positive'", "'delighted'"),
  );
  assert.deepEqual({ files, remade, functions }, { files: [rule], remade: 'functions', functions: bothFunctions });
  assert.equal(typeof milliseconds, 'number');
  assert.equal(await dev.feeling(), 'delighted');
  await dev.next('changed', () => dev.restore(rule));
  assert.equal(await dev.feeling(), 'positive');
});

test('npm run dev replaces only the functions that contain the saved file; others keep their environments', async () => {
  await dev.feeling();
  const swap = () =>
    dev.edit('functions/feeling/direct.ts', 'return respond(event)', 'return { ...respond(event), message: "" }');
  assert.deepEqual((await dev.next('changed', swap))['functions'], ['feeling-direct-dev']);
  assert.equal(await dev.isCold(), false);
  await dev.next('changed', () => dev.restore('functions/feeling/direct.ts'));
});

test('npm run dev replaces nothing after an edit that changes no bundle', async () => {
  await dev.feeling();
  const comment = () => dev.edit(rule, /^/, '// A remark.\n');
  assert.deepEqual((await dev.next('changed', comment))['functions'], []);
  assert.equal(await dev.isCold(), false);
  await dev.next('changed', () => dev.restore(rule));
});

test('npm run dev notices saves that rename a new file over the old, as editors do', longOnly, async () => {
  for (const word of ['glad', 'merry', 'gay']) {
    await dev.next('changed', async () => {
      await writeFile(dev.path('functions/feeling/.feeling.ts.swp'), 'of the editor');
      await writeFile(dev.path(`${rule}~`), ruleThatReturns(word));
      await rename(dev.path(`${rule}~`), dev.path(rule));
    });
    assert.equal(await dev.feeling(), word);
  }
  await dev.next('changed', () => dev.restore(rule));
});

test('npm run dev notices new files in new folders, and their removal', longOnly, async () => {
  const moods = dev.path('functions/feeling/moods');
  await dev.next(
    'changed',
    async () => {
      await mkdir(join(moods, 'good'), { recursive: true });
      await writeFile(join(moods, 'good/mood.ts'), "export const mood = 'new';\n");
      await dev.save(rule, "import { mood } from './moods/good/mood.ts';\nexport const feelingOf = () => mood;\n");
    },
    hasFile(rule),
  );
  assert.equal(await dev.feeling(), 'new');
  await dev.next('changed', () => writeFile(join(moods, 'good/mood.ts'), "export const mood = 'newer';\n"));
  assert.equal(await dev.feeling(), 'newer');

  const { file, line, message } = await dev.next('error', () => rm(moods, { recursive: true }));
  assert.deepEqual({ file, line }, { file: rule, line: 1 });
  assert.equal(message, 'Could not resolve "./moods/good/mood.ts"');
  assert.equal(await dev.feeling(), 'newer');
  const again = async () => {
    await mkdir(join(moods, 'good'), { recursive: true });
    await writeFile(join(moods, 'good/mood.ts'), "export const mood = 'back';\n");
  };
  await dev.next('changed', again);
  assert.equal(await dev.feeling(), 'back');
  await dev.next(
    'changed',
    async () => {
      await rm(moods, { recursive: true });
      await dev.restore(rule);
    },
    hasFile(rule),
  );
});

test('npm run dev prints file and line of a broken edit, keeps serving the old code, and serves the next good save', async () => {
  const broken = () => dev.edit(rule, 'return', 'retrun');
  const { files, file, line, column, message } = await dev.next('error', broken);
  assert.deepEqual({ files, file, line, column }, { files: [rule], file: rule, line: 5, column: 30 });
  assert.equal(message, 'Expected ";" but found "\'positive\'"');
  assert.equal(await dev.feeling(), 'positive');
  await dev.next('changed', () => dev.save(rule, ruleThatReturns('mended')));
  assert.equal(await dev.feeling(), 'mended');
  await dev.next('changed', () => dev.restore(rule));
});

test('npm run dev makes a few rebuilds of a burst of saves; the last has the last save', longOnly, async () => {
  const start = dev.script.told().length;
  for (let i = 0; i <= 100; i++) writeFileSync(dev.path(rule), ruleThatReturns(`save ${i}`));
  for (;;) {
    const seen = dev.script.told().length;
    if ((await dev.feeling()) === 'save 100') break;
    await dev.script.tells('changed', (told) => dev.script.told().indexOf(told) >= seen);
  }
  const rebuilds = dev.script
    .told()
    .slice(start)
    .filter(({ event }) => event === 'changed');
  assert(rebuilds.length <= 5, `${rebuilds.length} rebuilds`);
  await dev.next('changed', () => dev.restore(rule));
});

test('npm run dev finishes an in-flight request on the old code, then ends its environment', async () => {
  const http = 'functions/feeling/http.ts';
  const waits = `export const handler = async () => {
    await (await fetch('${gate.url}?pid=' + process.pid)).text();
    return { statusCode: 200, body: 'old' };
  };`;
  await dev.next('changed', () => dev.save(http, waits), hasFile(http));
  const underWay = dev.post('hi');
  const { pid, gone, release } = await gate.arrival();
  await dev.next('changed', () => dev.restore(http), hasFile(http));
  assert.equal(await dev.feeling(), 'positive');
  assert.equal(isAlive(pid), true);
  release();
  assert.equal((await underWay).text, 'old');
  await gone;
  while (isAlive(pid)) await new Promise(setImmediate);
});

test('npm run dev retries a failed event on the code that was saved since', longOnly, async () => {
  const direct = 'functions/feeling/direct.ts';
  await dev.next(
    'changed',
    () => dev.save(direct, "export const handler = () => { throw new Error('old'); };"),
    hasFile(direct),
  );
  const client = localClient(dev.lambdaUrl);
  const event = { FunctionName: 'feeling-direct-dev', Payload: '{"emoji_type":1,"message":"hi"}' };
  const failed = await dev.next('event-failed', async () => {
    await client.send(new InvokeCommand({ ...event, InvocationType: InvocationType.Event }));
  });
  assert.equal(failed['error'], 'Error: old');
  const ended = dev.next('event-ended', () => {});
  await dev.next('changed', () => dev.restore(direct), hasFile(direct));
  const { requestId, condition, attempts } = await ended;
  assert.deepEqual([requestId, condition, attempts], [failed['requestId'], 'Success', 2]);
  client.destroy();
});

test('npm run dev prints an error with the places of the sources, and its response hides them', async () => {
  const throws = "export const feelingOf = () => {\n  throw new Error('boom');\n};\n";
  await dev.next('changed', () => dev.save(rule, throws));
  const { line } = await dev.next('log', async () => {
    const { status, text } = await dev.post('hi');
    assert.equal(status, 500);
    assert.doesNotMatch(text, /boom|feeling\.ts/);
  });
  assert.match(JSON.stringify(line), /"Error: boom"," {4}at functions\/feeling\/feeling\.ts:2:9","/);

  const client = localClient(dev.lambdaUrl);
  const command = {
    FunctionName: 'feeling-direct-dev',
    Payload: '{"emoji_type":0,"message":"hi"}',
    LogType: 'Tail',
  } as const;
  const { LogResult = '' } = await client.send(new InvokeCommand(command));
  client.destroy();
  assert.match(Buffer.from(LogResult, 'base64').toString(), /at functions\/feeling\/feeling\.ts:2:9/);
  await dev.next('changed', () => dev.restore(rule));
});

test("npm run dev builds edits after esbuild's process was killed", { ...linuxOnly, ...longOnly }, async () => {
  await dev.next('changed', () => dev.save(rule, ruleThatReturns('before')));
  const builders = [];
  for (const child of await childrenOf(dev.script.process.pid ?? 0)) {
    // A function's process may end in between.
    const name = await readFile(`/proc/${child.pid}/comm`, 'utf8').catch(() => '');
    if (name.trim() === 'esbuild') builders.push(child);
  }
  // Another one has built the source map of an error.
  assert(builders.length >= 1);
  for (const { pid } of builders) process.kill(pid, 'SIGKILL');
  await dev.next('changed', () => dev.save(rule, ruleThatReturns('after')));
  assert.equal(await dev.feeling(), 'after');
  await dev.next('changed', () => dev.restore(rule));
});

test('npm run dev ignores a FIFO and a socket among the sources', { ...linuxOnly, ...longOnly }, async () => {
  const special = dev.path('functions/feeling/special');
  await mkdir(special);
  await promisify(execFile)('mkfifo', [join(special, 'fifo.ts')]);
  await symlink(join(special, 'fifo.ts'), join(special, 'link.ts'));
  const server = createServer().listen(join(special, 'socket.ts'));
  await once(server, 'listening');
  await dev.next('changed', () => dev.save(rule, ruleThatReturns('special')), hasFile(rule));
  assert.equal(await dev.feeling(), 'special');
  server.close();
  await rm(special, { recursive: true });
  await dev.next('changed', () => dev.restore(rule));
});

test('npm run dev prints that an edit of the server itself needs a restart', async () => {
  const file = 'infra/local/local-runtime.ts';
  const { files } = await dev.next('restart-needed', () => dev.edit(file, /^/, '// A remark.\n'));
  assert.deepEqual(files, [file]);
  await dev.next('restart-needed', () => dev.restore(file));
});
