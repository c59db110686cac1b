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
import { isLongForm } from '../harness/long-form.ts';
import { serveEnvironment } from '../harness/test-configuration.ts';
import { refusals, suggestions, swallowed } from './npm-start-errors.cases.ts';

let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'feeling-api-test-'));
});
after(() => rm(folder, { recursive: true, force: true }));

function start(args: string[], env: NodeJS.ProcessEnv): Script {
  return runScript('infra/local/cli/serve.ts', args, { ...serveEnvironment(folder), ...env });
}

/** Returns a cause as it is printed: in one line, so that it is the first and the last. */
function withHelp(cause: string): string {
  return `${cause}. Help: npm start -- --help\n`;
}

for (const { what, args = [], env = {}, says } of refusals) {
  test(`npm start refuses ${what}`, async () => {
    const script = start(args, env);
    assert.equal(await script.ended(), 1);
    if (says instanceof RegExp) assert.match(script.output(), says);
    else assert.equal(script.output(), withHelp(says));
  });
}

for (const [args, suggestion] of isLongForm ? suggestions : suggestions.slice(0, 1)) {
  test(`npm start ${args.join(' ')} says what to write`, async () => {
    const script = start(args, {});
    assert.equal(await script.ended(), 1);
    assert.equal(script.output(), withHelp(suggestion));
  });
}

for (const [env, suggestion] of isLongForm ? swallowed : swallowed.slice(0, 1)) {
  test(`npm start says: ${suggestion}`, async () => {
    const script = start([], env);
    assert.equal(await script.ended(), 1);
    assert.equal(script.output(), withHelp(suggestion));
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

test('npm start refuses a port that is taken, before it synthesises', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert(typeof address === 'object' && address);
  for (const variable of isLongForm ? ['PORT', 'LAMBDA_PORT', 'DOCS_PORT'] : ['DOCS_PORT']) {
    // The synthesis would report the key.
    const script = start(['-c', 'nope=1'], { [variable]: String(address.port) });
    assert.equal(await script.ended(), 1);
    const advice =
      'Stop the program that uses it, or choose others: PORT=3100 LAMBDA_PORT=3101 DOCS_PORT=3102 npm start';
    assert.equal(script.output(), `Port ${address.port} is taken. ${advice}\n`);
  }
  server.close();
});
