/** `npm start` at a terminal and in a program: what it prints, what it serves, and how it stops. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { stripVTControlCharacters, styleText } from 'node:util';
import { InvocationType, InvokeCommand } from '@aws-sdk/client-lambda';
import request from 'supertest';
import { z } from 'zod';
import { projectRoot } from '../../infra/project-root.ts';
import { runScript, type Script, started } from '../../infra/scripts/running-script.ts';
import { localClient } from '../harness/lambda-client.ts';
import { longOnly } from '../harness/long-form.ts';
import { serveEnvironment } from '../harness/test-configuration.ts';

let folder: string;
let env: NodeJS.ProcessEnv;
const running = new Set<ChildProcess>();

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'feeling-api-test-'));
});
beforeEach(() => {
  env = serveEnvironment(folder);
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

test('npm start --output text prints commands that work as they are, serves, logs, and stops on SIGINT', async () => {
  const script = start(['--output', 'text']);
  await script.says(/Ready in \d+\.\d s\. Ctrl-C stops it\.\n/);
  const [, url = '', lambdaUrl = ''] = await script.says(
    /The API is served at (\S+), Lambda and the other AWS services at (\S+)/,
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
  await script.says(/\nGET \/\\x1b\[31m\\x0aforged 404 [\d.]+ ms \(POST \/feeling is served\)\n/);

  const [, endpoint = '', name = '', event = ''] = await script.says(
    /npm run invoke -- --endpoint (\S+) --function (\S+) '([^']+)'/,
  );
  assert.equal(endpoint, lambdaUrl);
  const invoke = runScript('infra/scripts/invoke.ts', ['--endpoint', endpoint, '--function', name, event]);
  assert.equal(await invoke.ended(), 0);
  await script.says(new RegExp(`\nInvoke feeling-direct-dev RequestResponse \\S+ 200 [\\d.]+ ms cold\n${line}`));
  assert.match(script.output(), /\nqueues: feeling-direct-dev-failed-events/);
  assert.equal(stripVTControlCharacters(script.output()), script.output(), 'there is no terminal to be coloured');

  script.process.kill('SIGINT');
  assert.equal(await script.ended(), 0);
  assert.match(script.output(), /\nStopped\n$/);
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.startsWith('feeling-api-run-')),
    [],
  );
});

test('npm start prints an event a line as JSON, and at its end those it could not write', async () => {
  const queues = await mkdtemp(join(folder, 'queues-'));
  // A folder in the place of the file: nothing can be written there.
  await mkdir(join(queues, 'queues.sqlite'));
  const script = start([], { QUEUE_DIRECTORY: queues, RETRY_SECONDS: '0', ANY_REGION: '1', JOURNAL: '0' });
  const { url, lambdaUrl } = await served(script);
  await script.tells('ready');

  await request(url).post('/feeling').set(json).send('{"emoji_type":0,"message":"hi"}').expect(200);
  const { requestId, milliseconds, time, ...facts } = await script.tells('request');
  assert.deepEqual(facts, { event: 'request', method: 'POST', path: '/feeling', status: 200, cold: true });
  assert(typeof milliseconds === 'number' && !Number.isNaN(Date.parse(String(time))));
  const log = await script.tells('log');
  const { line } = z.object({ line: z.looseObject({}) }).parse(log);
  assert.deepEqual([log['function'], log['requestId']], ['feeling-http-dev', requestId]);
  const logged = { emoji_type: 0, feeling: 'positive', message_length: 2 };
  assert.deepEqual([line['level'], line['message']], ['INFO', logged]);

  const client = localClient(lambdaUrl);
  const message = '\x7f\x9b31m\u2028forged\u202e';
  const FunctionName = 'arn:aws:lambda:eu-west-1:111122223333:function:feeling-direct-dev';
  // JSON may have such characters in its strings, and white space between its values.
  const Payload = `\r\n\t{"message":\t"${message}"}\n`;
  await client.send(new InvokeCommand({ FunctionName, Payload, InvocationType: InvocationType.Event }));
  client.destroy();
  const invocation = await script.tells('invocation');
  assert.deepEqual([invocation['operation'], invocation['status']], ['Event', 202]);
  const failed = await script.tells('event-failed', ({ attempts }) => attempts === 2);
  assert.deepEqual([failed['requestId'], failed['delayMs']], [invocation['requestId'], 0]);
  const ended = await script.tells('event-ended');
  assert.deepEqual([ended['condition'], ended['attempts']], ['RetriesExhausted', 3]);

  script.process.kill('SIGTERM');
  assert.equal(await script.ended(), 1);
  assert.equal((await script.tells('stopping'))['reason'], 'SIGTERM');
  await script.tells('stopped');
  assert(script.stdout().trimEnd().split('\n').every(isEvent), script.stdout());
  const records = script.output().matchAll(/^Could not be written: (.*)$/gm);
  assert.deepEqual(
    Array.from(records, ([, record = '']) => JSON.parse(record).requestPayload),
    [{ message }],
  );
  assert.doesNotMatch(script.output().replaceAll('\n', ''), /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
});

test(
  'npm start serves the stage in -c stage, colours its output with FORCE_COLOR, and stops when npm is killed',
  longOnly,
  async () => {
    // The sh of `npm start`: SIGTERM ends it, and it does not pass the signal on.
    const command = `"${process.execPath}" --require ./infra/require-node-24.cjs infra/local/cli/serve.ts -c stage=prod --output text; true`;
    const shell = spawn('sh', ['-c', command], {
      env: { ...process.env, ...env, FORCE_COLOR: '1' },
      cwd: projectRoot,
    });
    running.add(shell);
    const script = started(shell);
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

    shell.kill('SIGTERM');
    await once(shell, 'exit');
    await script.says(/npm ended: finishing in-flight requests/);
    await script.says(/\nStopped\n/);
    await assert.rejects(request(url).get('/'), /ECONNREFUSED/);
  },
);

function isEvent(line: string): boolean {
  const { time, event } = JSON.parse(line);
  return typeof time === 'string' && typeof event === 'string';
}
