/** `npm run trace`: log lines of a deployed function, with the places of the sources. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { bundleWithSourceMap } from '../../infra/function-bundle.ts';
import { projectRoot } from '../../infra/project-root.ts';
import { runScript } from '../../infra/scripts/running-script.ts';
import { longOnly } from '../harness/long-form.ts';

let folder: string;
let file: string;
/** Where the rule is in the bundle: the path, line and column of a frame. */
let place: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'feeling-api-test-'));
  file = join(folder, 'log');
  const code = Buffer.from(bundleWithSourceMap('functions/feeling/http.ts').code).toString();
  place = `/var/task/index.mjs:1:${code.indexOf('"positive"') + 1}`;
});
after(() => rm(folder, { recursive: true, force: true }));

async function trace(...args: string[]) {
  const script = runScript('infra/scripts/trace.ts', args);
  return { exitCode: await script.ended(), output: script.output() };
}

test('npm run trace prints frames of both log formats as places in the sources, and all else as it is', async () => {
  const stackTrace = ['Error: boom', `    at O (file://${place})`, `    at async Object.P [as q] (file://${place})`];
  const message = { errorType: 'Error', errorMessage: 'boom', stackTrace };
  const lines = [
    JSON.stringify({ timestamp: 'now', level: 'ERROR', requestId: 'id', message }),
    `2026-01-01T00:00:00.000Z\t${crypto.randomUUID()}\tERROR\tError: boom`,
    `    at file://${place}`,
    '    at <anonymous>',
    '    at native',
    '    at eval (eval at O (/var/task/other.mjs:1:1), <anonymous>:1:1)',
    '    at O (/var/task/index.mjs:99:9999)',
    `${'/'.repeat(300_000)}index.mjs:x ${'at '.repeat(100_000)}/index.mjs:1:1`,
    'END RequestId: id',
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  const source = await readFile(join(projectRoot, 'functions/feeling/feeling.ts'), 'utf8');
  const [before = ''] = source.split("'positive'");
  const at = `functions/feeling/feeling.ts:${before.split('\n').length}:${before.length - before.lastIndexOf('\n')}`;
  const printed = [
    'ERROR Error: boom',
    `    at ${at}`,
    `    at async ${at}`,
    'ERROR Error: boom',
    `    at ${at}`,
    ...lines.slice(3),
  ];
  assert.deepEqual(await trace('--function', 'feeling-http-prod', file), {
    exitCode: 0,
    output: `${printed.join('\n')}\n`,
  });
});

test('npm run trace refuses a function and a file that do not exist', async () => {
  const unknown = await trace('--function', 'feeling-htt', file);
  assert.equal(unknown.exitCode, 1);
  assert.match(unknown.output, /^--function feeling-htt: write the name of a function, such as feeling-http-dev or /);
  const missing = await trace('--function', 'feeling-http', join(folder, 'none'));
  assert.equal(missing.exitCode, 1);
  assert.match(missing.output, /^There is no file \S+none\. Help: npm run trace -- --help\n$/);
});

test('npm run trace refuses a bundle that is not the deployed one', longOnly, async () => {
  const { exitCode, output } = await trace('--function', 'feeling-http', '--asset', '0'.repeat(64), file);
  assert.equal(exitCode, 1);
  assert.match(
    output,
    /^--asset 0+: the bundle of this checkout is another one\. Check out the deployed commit\. Help/m,
  );
});
