/** What `npm start` prints if it cannot start: the cause, and what to do. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { projectRoot } from '../../infra/project-root.ts';
import { runScript, type Script, started } from '../../infra/scripts/running-script.ts';
import { refusals } from './npm-start-errors.cases.ts';

let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'feeling-api-test-'));
});
after(() => rm(folder, { recursive: true, force: true }));

function start(args: string[], env: NodeJS.ProcessEnv): Script {
  const free = { PORT: '0', LAMBDA_PORT: '0', DOCS_PORT: '0', QUEUE_DIRECTORY: join(folder, 'queues'), TMPDIR: folder };
  return runScript('infra/local/cli/serve.ts', args, { ...free, ...env });
}

for (const { what, args = [], env = {}, says } of refusals) {
  test(`npm start refuses ${what}`, async () => {
    const script = start(args, env);
    assert.equal(await script.ended(), 1);
    assert.match(script.output(), says);
    assert.doesNotMatch(script.output(), /\n {4}at /);
  });
}

test('npm start refuses a Node that is too old', async () => {
  const old =
    "Object.defineProperty(process, 'version', { value: 'v22.0.0' });" +
    "Object.defineProperty(process, 'versions', { value: { node: '22.0.0' } });";
  const code = `${old} require('./infra/require-node-24.cjs'); console.log('went on')`;
  const script = started(spawn(process.execPath, ['-e', code], { cwd: projectRoot }));
  assert.equal(await script.ended(), 1);
  assert.match(script.output(), /^This is Node\.js v22\.0\.0; Node\.js 24 or newer is needed\.\n/);
  assert.doesNotMatch(script.output(), /went on/);
});

test('npm start refuses a port that is taken', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert(typeof address === 'object' && address);
  const script = start([], { PORT: String(address.port) });
  assert.equal(await script.ended(), 1);
  assert.match(script.output(), new RegExp(`Port ${address.port} is taken\\. Choose others: PORT=3100`));
  server.close();
});
