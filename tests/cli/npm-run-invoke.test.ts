/** `npm run invoke` at a terminal: what it prints, and its exit code. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { runScript } from '../../infra/scripts/running-script.ts';
import { type ServedStack, type SynthesisedStack, serveStack, synthesiseStack } from '../harness/feeling-api.ts';

let stack: SynthesisedStack;
let api: ServedStack;

before(async () => {
  stack = await synthesiseStack();
  api = await serveStack(stack.directory);
});
after(async () => {
  await api[Symbol.asyncDispose]();
  await stack[Symbol.asyncDispose]();
});

async function invoke(args: string[], env: NodeJS.ProcessEnv = { LAMBDA_ENDPOINT_URL: api.runtime.lambdaUrl }) {
  const script = runScript('infra/scripts/invoke.ts', args, env);
  return { exitCode: await script.ended(), output: script.output() };
}

const event = '{"emoji_type":0,"message":"hi"}';

test('npm run invoke prints the result and the endpoint; --dry-run runs nothing', async () => {
  const dry = await invoke(['--dry-run', event]);
  assert.equal(dry.exitCode, 0);
  assert.match(dry.output, /\nThe function can be invoked\n$/);

  const { exitCode, output } = await invoke([event]);
  assert.equal(exitCode, 0);
  assert(output.includes(`Invoking feeling-direct-dev at ${api.runtime.lambdaUrl}\n`));
  assert(output.includes('{\n  "feeling": "positive",\n  "message": "hi"\n}\n'));
  assert.equal(api.log.length, 1);
});

test('npm run invoke --function name:alias invokes the version of the alias', async () => {
  const { exitCode, output } = await invoke(['--tail', '--function', 'feeling-direct-dev:live', event]);
  assert.equal(exitCode, 0);
  assert.match(output, /"platform\.start","record":\{"requestId":"[\w-]+","version":"1"\}/);
  assert.match(output, /"feeling":"positive"/);
});

test('npm run invoke exits with 1 when the function fails', async () => {
  const { exitCode, output } = await invoke(['{}']);
  assert.equal(exitCode, 1);
  assert.match(output, /"errorType": "InvalidEvent"/);
  assert.match(output, /\nThe function failed\.\n/);
});

test('npm run invoke --async does not wait', async () => {
  const { exitCode, output } = await invoke(['--async', event]);
  assert.equal(exitCode, 0);
  assert.match(output, /\nAccepted as [0-9a-f-]{36}\n$/);
});

const refused: [args: string[], said: RegExp][] = [
  [['--function', 'nope', event], /\nResourceNotFoundException: Function not found: /],
  [['not json'], /\nInvalidRequestContentException: Could not parse request body into json/],
  [[], /^Give one event, in single quotes\. Help: npm run invoke -- --help\n$/],
  [[event, event], /^Give one event, in single quotes\. Help: npm run invoke -- --help\n$/],
  [['--async', '--tail', event], /^--async cannot be combined with --dry-run or --tail/],
  [['--endpoint', 'nope', event], /^--endpoint nope: write a URL such as http:\/\/127\.0\.0\.1:3001\. Help/],
  [
    ['--endpoint', 'http://127.0.0.1:1', event],
    /\nNo Lambda API answers at this address\. Start it with: npm start\n$/,
  ],
];
for (const [args, said] of refused) {
  test(`npm run invoke ${args.join(' ')} exits with 1 and prints the cause`, async () => {
    const { exitCode, output } = await invoke(args);
    assert.equal(exitCode, 1);
    assert.match(output, said);
    assert.doesNotMatch(output, /\n {4}at /);
  });
}

test('npm run invoke tells the port of the API from the port of the Lambda API', async () => {
  const { exitCode, output } = await invoke(['--endpoint', api.url, event]);
  assert.equal(exitCode, 1);
  assert.match(output, /This is not a Lambda API/);
});

test('npm run invoke goes to AWS if the environment has credentials, and prints so', async () => {
  const proxyless = { AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'y' };
  const { exitCode, output } = await invoke([event], proxyless);
  assert.equal(exitCode, 1);
  assert.match(output, /^Invoking feeling-direct-dev on AWS\n/);
  assert.match(output, /Region is missing/);
});
