/** What a person reads at a terminal: the log lines of a function below the request that they belong to. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import request from 'supertest';
import { startupSummary } from '../../../infra/local/reporter/startup-summary.ts';
import { textReporter } from '../../../infra/local/reporter/text-reporter.ts';
import { Duration } from '../../harness/duration.ts';
import { openGate } from '../../harness/gate.ts';
import { serve, type TestFunction } from '../../harness/test-stack.ts';

const gate = await openGate();
after(() => gate[Symbol.asyncDispose]());

const handler = async ({ rawPath }: { rawPath: string }) => {
  console.log(`begins ${rawPath}`);
  await (await fetch(process.env['GATE'] ?? '')).text();
  console.log(`ends ${rawPath}`);
  return {};
};
const waits = (more: Partial<TestFunction> = {}): TestFunction => ({
  code: handler,
  options: { environment: { GATE: gate.url } },
  ...more,
});

/** The longest that a timer waits. */
const longestMs = 2 ** 31 - 1;

/** Serves functions, and keeps the lines that are printed. */
async function printed(functions: Record<string, TestFunction>, patienceMs = longestMs) {
  const lines: string[] = [];
  const events = new EventEmitter<{ line: [string] }>();
  const print = (line: string) => {
    lines.push(line);
    events.emit('line', line);
  };
  const stack = await serve(functions, { runtime: { report: textReporter({ print, patienceMs }) } });
  return {
    url: stack.url,
    lines: () => lines.map((line) => line.replace(/\d+\.\d ms/, 'n ms')),
    async says(pattern: RegExp): Promise<void> {
      while (!lines.some((line) => pattern.test(line))) await once(events, 'line');
    },
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

test("a request's log lines are below it, also when requests overlap", async () => {
  await using stack = await printed({ one: waits(), two: waits() });
  const one = request(stack.url).get('/one').then();
  const first = await gate.arrival();
  const two = request(stack.url).get('/two').then();
  const second = await gate.arrival();
  second.release();
  await two;
  first.release();
  await one;
  await stack.says(/GET \/one/);
  assert.deepEqual(stack.lines(), [
    'GET /two 200 n ms cold',
    '    INFO begins /two',
    '    INFO ends /two',
    'GET /one 200 n ms cold',
    '    INFO begins /one',
    '    INFO ends /one',
  ]);
});

test('log lines that come after the gateway timed out are below the late end', async () => {
  await using stack = await printed({ waits: waits({ integrationTimeout: Duration.millis(300) }) });
  await request(stack.url).get('/waits').expect(503);
  (await gate.arrival()).release();
  await stack.says(/ends/);
  const lines = stack.lines();
  const [answer, late = '', ...none] = lines.filter((line) => !line.startsWith(' '));
  assert.deepEqual([answer, none], ['GET /waits 503 n ms', []]);
  assert.match(late, /^waits \S+ ended too late for its request, after \d\.\d s$/);
  assert.deepEqual(
    lines.filter((line) => line.startsWith(' ')),
    ['    INFO begins /waits', '    INFO ends /waits'],
  );
  assert(lines.indexOf('    INFO ends /waits') > lines.indexOf(late));
});

test('log lines of a slow invocation are printed after a while, before its end', async () => {
  await using stack = await printed({ waits: waits() }, 1);
  const answer = request(stack.url).get('/waits').then();
  const { release } = await gate.arrival();
  await stack.says(/begins/);
  release();
  await answer;
  await stack.says(/ends/);
  const [atWork = '', begins] = stack.lines();
  assert.match(atWork, /^waits \S+ is still running$/);
  assert.equal(begins, '    INFO begins /waits');
});

test('log lines of an invocation are printed before its end when there are many', () => {
  const lines: string[] = [];
  const report = textReporter({ print: (line) => lines.push(line) });
  for (let i = 0; i < 1500; i++) report({ event: 'log', function: 'chatty', line: `${i}`, requestId: 'an-id' });
  assert.equal(lines.length, 1001);
  assert.deepEqual(lines.slice(0, 2), ['chatty an-id is still running', '    0']);
  report({ event: 'request', method: 'GET', path: '/', status: 200, milliseconds: 1, cold: false, requestId: 'an-id' });
  assert.deepEqual(lines.slice(1001, 1003), ['GET / 200 1.0 ms warm', '    1000']);
  assert.equal(lines.length, 1502);
});

test('a log line in JSON becomes level and message, and an error is followed by its stack frames', () => {
  const lines: string[] = [];
  const report = textReporter({ print: (line) => lines.push(line) });
  const frames = ['    at work (file:///asset/index.mjs:1:2)', '    at run (/node_modules/ric/index.mjs:3:4)'];
  const errorMessage = 'no\n    at forged (/asset/index.mjs:1:1)';
  const error = {
    errorType: 'RangeError',
    errorMessage,
    stackTrace: [...`RangeError: ${errorMessage}`.split('\n'), ...frames],
  };
  const cause = { errorType: 'TypeError', errorMessage: 'deep', stackTrace: ['TypeError: deep', frames[0]] };
  const written = [
    { timestamp: 'now', level: 'WARN', requestId: 'id', message: 'careful\x1b' },
    { timestamp: 'now', level: 'INFO', requestId: 'id', message: { a: 1 }, more: true },
    { timestamp: 'now', level: 'ERROR', requestId: 'id', message: error },
    { timestamp: 'now', level: 'ERROR', requestId: 'id', message: { errorType: 'RangeError', error, causes: [cause] } },
    { neither: 'level nor message' },
  ];
  for (const line of written) report({ event: 'log', function: 'works', line: JSON.stringify(line), requestId: 'id' });
  for (const line of ['Not JSON \u202e', 'a second line']) {
    report({ event: 'log', function: 'works', line, requestId: undefined });
  }
  report({
    event: 'request',
    method: 'GET',
    path: '/',
    status: 500,
    milliseconds: 1,
    cold: true,
    error: 'RangeError: no',
    requestId: 'id',
  });
  assert.deepEqual(lines, [
    'works, outside of a request',
    '    Not JSON \\u202e',
    '    a second line',
    'GET / 500 1.0 ms cold failed with RangeError: no',
    '    WARN careful\\x1b',
    '    INFO {"a":1} {"more":true}',
    '    ERROR RangeError: no\\x0a    at forged (/asset/index.mjs:1:1)',
    '        at work (file:///asset/index.mjs:1:2)',
    '    ERROR RangeError: no\\x0a    at forged (/asset/index.mjs:1:1)',
    '        at work (file:///asset/index.mjs:1:2)',
    '      caused by TypeError: deep',
    '        at work (file:///asset/index.mjs:1:2)',
    '    {"neither":"level nor message"}',
  ]);
});

test('a shell reads the printed commands as intended, with any character in paths, names and examples', async () => {
  await using stack = await serve({ tells: { code: () => 'fine' } });
  const { url, lambdaUrl } = stack.runtime;
  const path = "/it's;here&now";
  const operation = { operationId: "it's", method: 'POST', path, routePath: path, parameters: [] };
  const example = { message: `it's "so" \\ $HOME \`id\` !! *` };
  const described = await startupSummary(stack.runtime, [{ ...operation, direct: true, records: false, example }], {
    docsUrl: url,
    stage: 'dev',
    watches: false,
    maxEnvironments: 1,
  });
  // In place of the real commands, these print their arguments.
  const says = 'printf "%s\\0" "$@"';
  const script = [`curl() { ${says}; }`, `npm() { ${says}; }`, ...described.commands].join('\n');
  const { stdout } = await promisify(execFile)('sh', ['-euc', script]);
  const json = JSON.stringify(example);
  const curl = ['-i', '-X', 'POST', `${url}${operation.path}`, '-H', 'content-type: application/json', '-d', json];
  const npm = ['run', 'invoke', '--', '--endpoint', lambdaUrl, '--function', "it's-direct-dev", json];
  assert.deepEqual(stdout.split('\0'), [...curl, ...npm, '']);
});
