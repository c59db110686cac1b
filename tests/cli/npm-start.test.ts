/** `npm start` as the person at the terminal has it: what it says, and how it ends. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { stripVTControlCharacters, styleText } from 'node:util';
import { InvocationType, InvokeCommand } from '@aws-sdk/client-lambda';
import request from 'supertest';
import { z } from 'zod';
import { projectRoot } from '../../infra/project-root.ts';
import { runScript, type Script, started } from '../../infra/scripts/running-script.ts';
import { localClient } from '../harness/lambda-client.ts';

let folder: string;
let env: NodeJS.ProcessEnv;
const running = new Set<ChildProcess>();

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'feeling-api-test-'));
});
beforeEach(() => {
  env = { PORT: '0', LAMBDA_PORT: '0', DOCS_PORT: '0', QUEUE_DIRECTORY: join(folder, 'queues'), TMPDIR: folder };
});
after(async () => {
  for (const child of running) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

function start(args: string[] = [], more: NodeJS.ProcessEnv = {}): Script {
  const script = runScript('infra/local/cli/serve.ts', args, { ...env, ...more });
  running.add(script.process);
  return script;
}

const addresses = z.object({ url: z.string(), lambdaUrl: z.string() });

/** Waits until it serves. @returns where */
async function served(script: Script) {
  return addresses.parse(await script.tells('ready'));
}

const json = { 'content-type': 'application/json' };

describe('npm start', () => {
  test('prints commands that work as they stand, serves, logs, and ends well on SIGINT', async () => {
    const script = start(['--output', 'text']);
    await script.says(/Ready in \d+\.\d s\. Ctrl-C stops it\.\n/);
    const [, url = '', lambdaUrl = ''] = await script.says(
      /The API is served at (\S+), Lambda's Invoke operation at (\S+)/,
    );
    const [, page = '', reference = ''] = await script.says(/A page to try it is at (\S+), the API reference at (\S+)/);
    assert.match((await request(page).get('/').expect(200)).text, new RegExp(`<code>${url}</code>`));
    await request(reference).get('').expect(200);
    const [, path, header = '', data] = await script.says(
      /curl -i -X POST http:\/\/[\d.:]+(\/\S+) -H '([^']+)' -d '([^']+)'/,
    );
    assert.equal(header, 'content-type: application/json');
    const send = () =>
      request(url)
        .post(path ?? '')
        .set(json)
        .send(data)
        .expect(200);
    await send();
    const line = ' {4}INFO {"emoji_type":0,"feeling":"positive","message_length":\\d+}\n';
    await script.says(new RegExp(`\nPOST /feeling 200 [\\d.]+ ms cold\n${line}`));
    await send();
    await script.says(new RegExp(`\nPOST /feeling 200 [\\d.]+ ms warm\n${line}`));
    await request(url).get('/%1b[31m%0aforged').expect(404);
    await script.says(/\nGET \/\\x1b\[31m\\x0aforged 404 [\d.]+ ms\n/);

    const [, endpoint = '', name = '', event = ''] = await script.says(
      /npm run invoke -- --endpoint (\S+) --function (\S+) '([^']+)'/,
    );
    assert.equal(endpoint, lambdaUrl);
    const invoke = runScript('infra/scripts/invoke.ts', ['--endpoint', endpoint, '--function', name, event]);
    assert.equal(await invoke.ended(), 0);
    await script.says(new RegExp(`\nInvoke feeling-direct-dev RequestResponse \\S+ 200 [\\d.]+ ms cold\n${line}`));
    assert.match(script.output(), /Queue \S+feeling-direct-dev-failed-events\.jsonl: 0 records/);
    assert.equal(stripVTControlCharacters(script.output()), script.output(), 'there is no terminal to be coloured');

    script.process.kill('SIGINT');
    assert.equal(await script.ended(), 0);
    assert.match(script.output(), /\nStopped\n$/);
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.startsWith('cloud-assembly-')),
      [],
    );
  });

  test('tells a program what happens, by JSON on each line', async () => {
    const script = start([], { RETRY_SECONDS: '0' });
    const { url, lambdaUrl } = await served(script);
    await request(url).post('/feeling').set(json).send('{"emoji_type":0,"message":"hi"}').expect(200);
    const { requestId, milliseconds, time, ...facts } = await script.tells('request');
    assert.deepEqual(facts, { event: 'request', method: 'POST', path: '/feeling', status: 200, cold: true });
    assert(typeof milliseconds === 'number' && !Number.isNaN(Date.parse(String(time))));
    const log = await script.tells('log');
    const message = { emoji_type: 0, feeling: 'positive', message_length: 2 };
    const { line } = z.object({ line: z.looseObject({}) }).parse(log);
    assert.deepEqual([log['function'], log['requestId']], ['feeling-http-dev', requestId]);
    assert.deepEqual([line['level'], line['message']], ['INFO', message]);

    const invoke = runScript('infra/scripts/invoke.ts', ['--endpoint', lambdaUrl, '--async', '{}']);
    assert.equal(await invoke.ended(), 0);
    const invocation = await script.tells('invocation');
    assert.deepEqual([invocation['operation'], invocation['status']], ['Event', 202]);
    const failed = await script.tells('event-failed', ({ attempts }) => attempts === 2);
    assert.deepEqual([failed['requestId'], failed['delayMs']], [invocation['requestId'], 0]);
    const ended = await script.tells('event-ended');
    assert.deepEqual([ended['condition'], ended['attempts']], ['RetriesExhausted', 3]);

    script.process.kill('SIGTERM');
    assert.equal(await script.ended(), 0);
    assert.equal((await script.tells('stopping'))['reason'], 'SIGTERM');
    await script.tells('stopped');
    assert(script.stdout().trimEnd().split('\n').every(isEvent), script.stdout());
  });

  test('serves the stage that it is asked for, and colours what it tells where it is asked to', async () => {
    const script = start(['-c', 'stage=prod', '--output', 'text'], { FORCE_COLOR: '1' });
    await script.says(/Ready/);
    const [, url = ''] = /served at (\S+),/.exec(stripVTControlCharacters(script.output())) ?? [];
    assert.notEqual(stripVTControlCharacters(script.output()), script.output());
    await request(url).post('/feeling').set(json).send('{"emoji_type":1,"message":"hi"}').expect(200);
    await script.says(/POST.* cold.*\n.*INFO .*\n/);
    await request(url).get('/nowhere').expect(404);
    await script.says(/404.*\n/);
    const [post = '', info = '', get = ''] = script.output().trimEnd().split('\n').slice(-3);
    const styled = (format: Parameters<typeof styleText>[0], text: string) =>
      styleText(format, text, { validateStream: false });
    assert(post.startsWith(`${styled('bold', 'POST')} /feeling ${styled('green', '200')} `), post);
    assert(post.endsWith(styled('cyan', ' cold')), post);
    assert.equal(info, styled('dim', stripVTControlCharacters(info)));
    assert(get.startsWith(`${styled('bold', 'GET')} /nowhere ${styled('yellow', '404')} `), get);
    await script.says(/POST \/feeling {2}-> {2}feeling-http-prod:live/);
    await script.says(/--function feeling-direct-prod /);
    script.process.kill('SIGTERM');
    assert.equal(await script.ended(), 0);
  });

  test('ends when npm is told to end and tells it nothing', async () => {
    // The sh of `npm start`, which dies of SIGTERM and passes it on to nobody.
    const command = `"${process.execPath}" --require ./infra/require-node-24.cjs infra/local/cli/serve.ts; true`;
    const shell = spawn('sh', ['-c', command], {
      env: { ...process.env, ...env },
      cwd: projectRoot,
    });
    running.add(shell);
    const script = started(shell);
    const { url } = await served(script);
    shell.kill('SIGTERM');
    await once(shell, 'exit');
    assert.equal((await script.tells('stopping'))['reason'], 'npm is gone');
    await script.tells('stopped');
    await assert.rejects(request(url).get('/'), /ECONNREFUSED/);
  });

  test('prints the records that it cannot write when it ends, as JSON that steers no terminal', async () => {
    const queues = await mkdtemp(join(folder, 'queues-'));
    const script = start([], { QUEUE_DIRECTORY: queues, RETRY_SECONDS: '0' });
    const { lambdaUrl } = await served(script);
    // Where the file would be.
    await mkdir(join(queues, 'feeling-direct-dev-failed-events.jsonl'));
    const client = localClient(lambdaUrl);
    const message = '\x7f\x9b31m\u2028forged\u202e';
    const FunctionName = 'feeling-direct-dev';
    // JSON may have such characters in its strings, and white space between its values.
    const Payload = `\r\n\t{"message":\t"${message}"}\n`;
    await client.send(new InvokeCommand({ FunctionName, Payload, InvocationType: InvocationType.Event }));
    client.destroy();
    await script.tells('event-ended');
    script.process.kill('SIGINT');
    assert.equal(await script.ended(), 1);
    const records = script.output().matchAll(/^Could not be written: (.*)$/gm);
    assert.deepEqual(
      Array.from(records, ([, record = '']) => JSON.parse(record).requestPayload),
      [{ message }],
    );
    assert.doesNotMatch(script.output().replaceAll('\n', ''), /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
  });

  test('says how many records of failed events there are from before', async () => {
    const queues = await mkdtemp(join(folder, 'queues-'));
    await writeFile(join(queues, 'feeling-direct-dev-failed-events.jsonl'), '{}\n{}\n');
    const script = start([], { QUEUE_DIRECTORY: queues });
    const path = join(queues, 'feeling-direct-dev-failed-events.jsonl');
    assert.deepEqual((await script.tells('ready'))['queues'], [{ path, records: 2 }]);
    script.process.kill('SIGINT');
    await script.ended();
  });
});

describe('npm start says what is wrong, and what to do', () => {
  const refused: [what: string, args: string[], env: NodeJS.ProcessEnv, said: RegExp][] = [
    ['a port that is none', [], { PORT: '70000' }, /^PORT=70000: write a whole number from 0 to 65535\n/],
    [
      'one port for both',
      [],
      { PORT: '4000', LAMBDA_PORT: '4000' },
      /^PORT and LAMBDA_PORT are both 4000: choose others\n/,
    ],
    [
      'a folder that cannot be written',
      [],
      { QUEUE_DIRECTORY: import.meta.filename },
      /^QUEUE_DIRECTORY=\S+npm-start\.test\.ts: is no folder/,
    ],
    ['an option that does not exist', ['--nope'], {}, /^Unknown option '--nope'/],
    ['a word too many', ['nope'], {}, /^Unexpected argument 'nope'/],
    ['an output that does not exist', ['--output', 'xml'], {}, /^--output xml: write text or json\n/],
    ['a key without a value', ['-c', 'stage'], {}, /^-c stage: write -c key=value\n/],
    ['a key that does not exist', ['-c', 'stagee=prod'], {}, /stagee: no such key\n/],
  ];
  for (const [what, args, more, said] of refused) {
    test(what, async () => {
      const script = start(args, more);
      assert.equal(await script.ended(), 1);
      assert.match(script.output(), said);
      assert.doesNotMatch(script.output(), /\n {4}at /);
    });
  }

  test('a Node that is too old', async () => {
    const old =
      "Object.defineProperty(process, 'version', { value: 'v22.0.0' });" +
      "Object.defineProperty(process, 'versions', { value: { node: '22.0.0' } });";
    const code = `${old} require('./infra/require-node-24.cjs'); console.log('went on')`;
    const script = started(spawn(process.execPath, ['-e', code], { cwd: projectRoot }));
    assert.equal(await script.ended(), 1);
    assert.match(script.output(), /^This is Node\.js v22\.0\.0; Node\.js 24 or newer is needed\.\n/);
    assert.doesNotMatch(script.output(), /went on/);
  });

  test('a port that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    assert(typeof address === 'object' && address);
    const script = start([], { PORT: String(address.port) });
    assert.equal(await script.ended(), 1);
    assert.match(script.output(), new RegExp(`Port ${address.port} is taken\\. Choose others: PORT=3100`));
    server.close();
  });

  test('--help tells every key and variable', async () => {
    const script = start(['--help']);
    assert.equal(await script.ended(), 0);
    for (const word of [
      'stage=dev',
      'memoryMb=512',
      'PORT=3000',
      'LAMBDA_PORT=3001',
      'DOCS_PORT=3002',
      'RETRY_SECONDS=60',
      'QUEUE_DIRECTORY',
    ]) {
      assert(script.output().includes(word), word);
    }
  });
});

function isEvent(line: string): boolean {
  const { time, event } = JSON.parse(line);
  return typeof time === 'string' && typeof event === 'string';
}
