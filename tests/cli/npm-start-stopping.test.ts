/** `npm start` when it is stopped in the middle of its work, killed, or when nobody reads its output. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { InvocationType, InvokeCommand } from '@aws-sdk/client-lambda';
import request from 'supertest';
import { z } from 'zod';
import { projectRoot } from '../../infra/project-root.ts';
import { bareEnvironment, type Script, started } from '../../infra/scripts/running-script.ts';
import { journaled } from '../harness/journaled.ts';
import { localClient } from '../harness/lambda-client.ts';
import { longOnly } from '../harness/long-form.ts';
import { serveEnvironment } from '../harness/test-configuration.ts';
import { childrenOf, isAlive, kill, serversBelow } from './processes.ts';

const linuxOnly = process.platform === 'linux' ? {} : { skip: 'it reads /proc, which only Linux has' };
const needsPty = existsSync('/usr/bin/script') ? {} : { skip: 'there is no program script, which opens a terminal' };

let folder: string;
const running = new Set<ChildProcess>();

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'feeling-api-test-'));
});
after(async () => {
  for (const child of running) killGroup(child, 'SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

/** Starts npm start as npm does, in a shell, which leads a process group of its own. */
function start(args = '', env: NodeJS.ProcessEnv = {}): ChildProcess {
  const serve = `"${process.execPath}" --require ./infra/require-node-24.cjs infra/local/cli/serve.ts ${args}`;
  const child = spawn('sh', ['-c', `${serve}; true`], {
    cwd: projectRoot,
    detached: true,
    env: { ...bareEnvironment(), ...serveEnvironment(folder), ...env },
  });
  keepTrackOf(child);
  return child;
}

/** Has it killed at the end, unless it has ended: its id may be another process's by then. */
function keepTrackOf(child: ChildProcess): void {
  running.add(child);
  child.on('exit', () => running.delete(child));
}

/** Sends a signal to a shell and everything that it started. */
function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  assert(pid);
  kill(-pid, signal);
}

const addresses = z.object({ url: z.string(), lambdaUrl: z.string() });

/** A server with one function process, which is stopped (SIGSTOP), and events that wait for it. */
async function busyServer(queues: string, timeoutSeconds: number) {
  const env = { MAX_ENVIRONMENTS: '1', QUEUE_DIRECTORY: queues };
  const shell = start(`-c timeoutSeconds=${timeoutSeconds}`, env);
  const script = started(shell);
  const { url, lambdaUrl } = addresses.parse(await script.tells('ready'));
  const client = localClient(lambdaUrl);
  const event = { FunctionName: 'feeling-direct-dev', Payload: '{"emoji_type":0,"message":"hi"}' };
  await client.send(new InvokeCommand(event));
  const [serverPid] = await childrenOf(shell.pid);
  const [functionPid] = await childrenOf(serverPid);
  assert(serverPid && functionPid);
  process.kill(functionPid, 'SIGSTOP');
  const accepted = Array.from({ length: 20 }, async () => {
    const sent = await client.send(new InvokeCommand({ ...event, InvocationType: InvocationType.Event }));
    return sent.$metadata.requestId ?? '';
  });
  const requestIds = await Promise.all(accepted);
  client.destroy();
  return { shell, script, url, serverPid, requestIds };
}

/** Asserts that each accepted event has succeeded, or is in the journal. */
function assertNoneLost(script: Script, queues: string, requestIds: string[]): void {
  const succeeded = script.told().filter(({ event, condition }) => event === 'event-ended' && condition === 'Success');
  const found = [...succeeded.map(({ requestId }) => requestId), ...journaled(queues)];
  assert.deepEqual(found.sort(), requestIds.sort());
}

test('a signal to the whole process group, after which npm ends, loses no event', linuxOnly, async () => {
  const queues = await mkdtemp(join(folder, 'queues-'));
  const { shell, script, requestIds } = await busyServer(queues, 1);
  killGroup(shell, 'SIGTERM');
  killGroup(shell, 'SIGHUP');
  await script.ended();
  assertNoneLost(script, queues, requestIds);
  const reasons = script.told().filter(({ event }) => event === 'stopping');
  assert.deepEqual(
    reasons.map(({ again }) => again),
    [false],
  );
});

test('kill -9 loses no event: the next start resumes each, and no other server may meanwhile', linuxOnly, async () => {
  const queues = await mkdtemp(join(folder, 'queues-'));
  const { shell, script, serverPid, requestIds } = await busyServer(queues, 15);
  for (const name of await readdir(queues)) {
    assert.equal((await stat(join(queues, name))).mode & 0o777, 0o600, `${name} has personal data`);
  }
  const second = started(start('', { QUEUE_DIRECTORY: queues }));
  await second.ended();
  assert(second.output().startsWith(`${queues}: process ${serverPid} has used it since 20`), second.output());
  assert.match(second.output(), /\. Stop it, or choose another folder: QUEUE_DIRECTORY=\S+ npm start\n$/);

  kill(serverPid, 'SIGKILL');
  await script.ended();
  const next = start('', { QUEUE_DIRECTORY: queues });
  const resumed = started(next);
  assert.equal((await resumed.tells('events-resumed'))['events'], requestIds.length);
  const ids = new Set(requestIds);
  for (const id of ids) await resumed.tells('event-ended', ({ requestId }) => requestId === id);
  killGroup(next, 'SIGTERM');
  await resumed.ended();
  const ends = resumed.told().filter(({ event, condition }) => event === 'event-ended' && condition === 'Success');
  assert.deepEqual(ends.map(({ requestId }) => requestId).sort(), [...ids].sort());
  assert.deepEqual(await readdir(queues), [], 'nothing waits, so there is no journal');
  assert.equal(shell.exitCode, 0);
});

test('a repeated Ctrl-C cuts off the requests in flight, and loses no event', linuxOnly, async () => {
  const queues = await mkdtemp(join(folder, 'queues-'));
  const { script, serverPid, requestIds } = await busyServer(queues, 29);
  kill(serverPid, 'SIGINT');
  await script.tells('stopping');
  // Until it ends, as a person does.
  const repeat = setInterval(() => kill(serverPid, 'SIGINT'), 100);
  await script.ended();
  clearInterval(repeat);
  assert(script.told().some(({ event, again }) => event === 'stopping' && again === true));
  assertNoneLost(script, queues, requestIds);
  assert.doesNotMatch(script.output(), /timed out/i);
});

/** Each request logs a line with this message, so that only a few lines fit into a pipe. */
const longLog = { emoji_type: 0, message: 'x'.repeat(60_000) };

for (const { reader, options, command } of [
  { reader: 'a paused pipe', options: longOnly, command: '-c logLevel=DEBUG' },
  { reader: 'a stopped terminal', options: { ...longOnly, ...needsPty }, command: '-c logLevel=DEBUG --output text' },
]) {
  test(
    `output to ${reader} does not hold up responses, is dropped and counted, and a stop works`,
    options,
    async () => {
      const shell = reader === 'a paused pipe' ? start(command) : startInTerminal(command);
      const script = started(shell);
      const [, url = ''] = await script.says(/(?:"url":"|served at )(http:[^",]+)/);
      await script.says(/"event":"ready".*\n|Ready in/);
      shell.stdout?.pause();
      for (let i = 0; i < 120; i++) {
        await request(url).post('/feeling').send(longLog).expect(200);
      }
      shell.stdout?.resume();
      await script.says(/"event":"output-dropped","lines":[1-9]|[1-9]\d* lines? not printed/);
      shell.stdout?.pause();
      for (let i = 0; i < 20; i++) await request(url).post('/feeling').send(longLog).expect(200);
      const [serverPid] = await serversBelow(shell.pid);
      assert(serverPid);
      kill(serverPid, 'SIGTERM');
      while (isAlive(serverPid)) await new Promise((resolve) => setTimeout(resolve, 50));
    },
  );
}

/** `script` opens a terminal for a program, and copies what it prints to its own output. */
function startInTerminal(args: string): ChildProcess {
  const serve = `"${process.execPath}" --require ./infra/require-node-24.cjs infra/local/cli/serve.ts ${args}`;
  const child = spawn('/usr/bin/script', ['-qfec', serve, '/dev/null'], {
    cwd: projectRoot,
    detached: true,
    env: { ...bareEnvironment(), ...serveEnvironment(folder), NO_COLOR: '1' },
  });
  keepTrackOf(child);
  return child;
}

test('a start removes the folders of runs that were killed, and no other', { ...linuxOnly, ...longOnly }, async () => {
  const one = start();
  await started(one).tells('ready');
  const other = start();
  const script = started(other);
  await script.tells('ready');
  const [survivor] = await foldersOf(one);
  const [killed] = await foldersOf(other);
  assert(survivor && killed);
  killGroup(other, 'SIGKILL');
  await script.ended();
  const third = start();
  await started(third).tells('ready');
  const left = await readdir(folder);
  assert.deepEqual([left.includes(survivor), left.includes(killed)], [true, false]);
  for (const child of [one, third]) {
    killGroup(child, 'SIGTERM');
    await once(child, 'close');
  }
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.startsWith('feeling-api-run-')),
    [],
  );
});

async function foldersOf(shell: ChildProcess): Promise<string[]> {
  const pids = await childrenOf(shell.pid);
  return (await readdir(folder)).filter((name) => pids.some((pid) => name.includes(`-${pid}-`)));
}
