/** What a person reads at a terminal: the log lines of a function below the request that they belong to. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { after, describe, test } from 'node:test';
import { promisify } from 'node:util';
import request from 'supertest';
import { jsonReporter } from '../../../infra/local/reporter/json-reporter.ts';
import type { RuntimeEvent } from '../../../infra/local/reporter/reporter.ts';
import { startupSummary } from '../../../infra/local/reporter/startup-summary.ts';
import { textReporter } from '../../../infra/local/reporter/text-reporter.ts';
import type { ChangeReport } from '../../../infra/local/watch/edit-report.ts';
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
  const written = [
    { timestamp: 'now', level: 'WARN', requestId: 'id', message: 'careful\x1b' },
    { timestamp: 'now', level: 'INFO', requestId: 'id', message: { a: 1 }, more: true },
    { timestamp: 'now', level: 'ERROR', requestId: 'id', message: error },
    { neither: 'level nor message' },
  ];
  for (const line of written) report({ event: 'log', function: 'works', line: JSON.stringify(line), requestId: 'id' });
  report({ event: 'log', function: 'works', line: 'Not JSON \u202e', requestId: undefined });
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
    'GET / 500 1.0 ms cold failed with RangeError: no',
    '    WARN careful\\x1b',
    '    INFO {"a":1} {"more":true}',
    '    ERROR RangeError: no\\x0a    at forged (/asset/index.mjs:1:1)',
    '        at work (file:///asset/index.mjs:1:2)',
    '    {"neither":"level nor message"}',
  ]);
});

test('a shell reads the printed commands as intended, with any character in paths, names and examples', async () => {
  await using stack = await serve({ tells: { code: () => 'fine' } });
  const { url, lambdaUrl } = stack.runtime;
  const operation = { operationId: "it's", method: 'POST', path: "/it's;here&now" };
  const example = { message: `it's "so" \\ $HOME \`id\` !! *` };
  const described = await startupSummary(stack.runtime, [{ ...operation, direct: true, example }], {
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

describe('the text output of npm run dev', () => {
  const changed: Pick<ChangeReport, 'event' | 'removed' | 'milliseconds'> = {
    event: 'changed',
    removed: [],
    milliseconds: 234,
  };
  const cases: { title: string; event: RuntimeEvent; lines: string[] }[] = [
    {
      title: 'an edit is one line, with any character in the names of its files',
      event: { ...changed, files: ['a.ts', 'b\n.ts'], remade: 'functions', functions: ['one', 'two'] },
      lines: ['a.ts, b\\x0a.ts changed: one, two restarted (0.2 s)'],
    },
    {
      title: 'an edit of many files names the first three',
      event: { ...changed, files: ['a', 'b', 'c', 'd', 'e'], remade: 'contract', functions: [], milliseconds: 1999 },
      lines: ['a, b, c and 2 more changed: contract generated, stack synthesised, no function changed (2.0 s)'],
    },
    {
      title: 'a function that is gone is a change of functions',
      event: { ...changed, files: ['openapi.yaml'], remade: 'stack', functions: [], removed: ['one'] },
      lines: ['openapi.yaml changed: stack synthesised, one removed (0.2 s)'],
    },
    {
      title: 'new routes come with commands to try them',
      event: {
        event: 'routes-changed',
        routes: [
          { route: 'GET /new', invokes: 'new:live', issuer: undefined },
          { route: 'GET /old', invokes: 'old:live', issuer: undefined },
        ],
        added: ['GET /new'],
        removed: ['GET /gone'],
        commands: ['curl /new'],
      },
      lines: ['  no longer served: GET /gone', '  GET /new  ->  new:live', '  curl /new'],
    },
    {
      title: 'a broken edit is its place and message, and says what is served now',
      event: { event: 'error', files: ['a.ts'], file: 'a.ts', line: 5, column: 30, message: 'Expected ";"' },
      lines: ['a.ts:5:30: Expected ";"', '    a.ts changed; the previous version stays in service'],
    },
    {
      title: 'a message of several lines keeps its lines, and escapes the rest',
      event: { event: 'error', files: ['a.ts'], message: 'one\n  two\x1b' },
      lines: ['one', '  two\\x1b', '    a.ts changed; the previous version stays in service'],
    },
    {
      title: "an edit of the server's own code says that a restart is needed",
      event: { event: 'restart-needed', files: ['infra/local/local-runtime.ts'] },
      lines: ['infra/local/local-runtime.ts changed: restart npm run dev, it is part of the server itself'],
    },
  ];
  for (const { title, event, lines } of cases) {
    test(title, () => {
      const printed: string[] = [];
      textReporter({ print: (line) => printed.push(line) })(event);
      assert.deepEqual(printed, lines);
    });
  }
});

describe('the text output of a 404', () => {
  const notFound = { event: 'request', method: 'GET', path: '/a', status: 404, milliseconds: 1 } as const;
  function printed(routes: string[], ...events: RuntimeEvent[]): string[] {
    const lines: string[] = [];
    const report = textReporter({ print: (line) => lines.push(line) });
    const served = routes.map((route) => ({ route, invokes: 'fn', issuer: undefined }));
    report({ event: 'routes-changed', routes: served, added: [], removed: ['GET /before'], commands: [] });
    for (const event of events) report(event);
    return lines.slice(1);
  }
  test('names the routes of the same path, else the first five', () => {
    assert.deepEqual(printed(['POST /a', 'GET /b'], notFound), ['GET /a 404 1.0 ms (POST /a is served)']);
    assert.deepEqual(printed(['GET /b', 'GET /c'], notFound), ['GET /a 404 1.0 ms (GET /b, GET /c are served)']);
    const many = ['1', '2', '3', '4', '5', '6'].map((path) => `GET /${path}`);
    const [line] = printed(many, notFound);
    assert.equal(line, 'GET /a 404 1.0 ms (GET /1, GET /2, GET /3, GET /4, GET /5 and 1 more are served)');
  });
  test('names none when a function answered it', () => {
    const answered = { ...notFound, cold: false, requestId: 'id' };
    assert.deepEqual(printed(['POST /a'], answered), ['GET /a 404 1.0 ms warm']);
  });
});

test('the JSON output has a log line as its object or as text, and never as another event', () => {
  const lines: string[] = [];
  const report = jsonReporter((line) => lines.push(line));
  const written = ['{"time":"x","event":"stopped"}', '{"broken":', '[1]', 'text\u2028\x1b', '{"a":"\u202e"}'];
  for (const line of written) report({ event: 'log', function: 'works', line: line, requestId: undefined });
  const told = lines.map((line) => JSON.parse(line));
  assert.deepEqual(new Set(told.map(({ event }) => event)), new Set(['log']));
  assert.deepEqual(
    told.map(({ line }) => line),
    [{ time: 'x', event: 'stopped' }, '{"broken":', '[1]', 'text\u2028\x1b', { a: '\u202e' }],
  );
  assert.doesNotMatch(lines.join(''), /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
});

test('the JSON output rounds its own times to a hundredth, and no number in a log line', () => {
  const lines: string[] = [];
  const report = jsonReporter((line) => lines.push(line));
  const written = { milliseconds: 1.23456, message: { milliseconds: 6.54321 }, more: [{ milliseconds: 0.00123 }] };
  report({ event: 'log', function: 'works', line: JSON.stringify(written), requestId: 'an-id' });
  report({
    event: 'request',
    method: 'GET',
    path: '/',
    status: 200,
    milliseconds: 1.23456,
    cold: false,
    requestId: 'an-id',
  });
  const [log, answered] = lines.map((line) => JSON.parse(line));
  assert.deepEqual(log.line, written);
  assert.equal(answered.milliseconds, 1.23);
});
