/** No response contains a secret, a path of this machine or a stack trace, for any failure and any request. */
import assert from 'node:assert/strict';
import { homedir, hostname, tmpdir } from 'node:os';
import { after, describe, test } from 'node:test';
import { projectRoot } from '../../infra/project-root.ts';
import { Duration } from '../harness/duration.ts';
import { open, send } from '../harness/http-client.ts';
import { serve, type TestFunction } from '../harness/test-stack.ts';
import { answersUntilClosed } from '../harness/wire.ts';

const secret = 'correct-horse-battery-staple';
const environment = { SECRET: secret };

/** Functions that fail, each in a different way, and know the secret. */
const failing: Record<string, TestFunction> = {
  throws: {
    code: () => {
      throw new Error(process.env['SECRET'], { cause: new TypeError(`${process.env['SECRET']} in ${process.cwd()}`) });
    },
  },
  rejects: { code: () => Promise.reject(process.env['SECRET']) },
  throwsObject: {
    code: () => {
      throw { statusCode: 418, body: process.env['SECRET'], stack: process.env['SECRET'] };
    },
  },
  throwsLater: {
    code: () =>
      new Promise(() => {
        setImmediate(() => {
          throw new Error(process.env['SECRET']);
        });
      }),
  },
  rejectsAside: {
    code: () => {
      Promise.reject(new Error(process.env['SECRET']));
      return new Promise((resolve) => setTimeout(resolve, 10_000));
    },
  },
  exits: { code: () => process.exit(7) },
  dies: { code: () => process.kill(process.pid, 'SIGKILL') },
  hangs: {
    code: () => new Promise((resolve) => setTimeout(resolve, 10_000)),
    options: { timeout: Duration.seconds(1) },
  },
  waits: {
    code: () => new Promise((resolve) => setTimeout(resolve, 1000)),
    integrationTimeout: Duration.millis(50),
  },
  settlesNever: { code: () => new Promise(() => {}) },
  cannotStart: { code: 'throw new Error(process.env.SECRET + import.meta.url);' },
  cannotParse: { code: `export const handler = () => { ${secret}` },
  hasNoHandler: { code: `export const other = '${secret}';` },
  isNoFunction: { code: `export const handler = '${secret}';` },
  isNoModule: { code: 'export const handler = () => 1;', handler: 'nowhere.handler' },
  returnsCircle: {
    code: () => {
      const circle: Record<string, unknown> = { secret: process.env['SECRET'] };
      circle['self'] = circle;
      return circle;
    },
  },
  returnsBigint: { code: () => ({ secret: process.env['SECRET'], number: 1n }) },
  returnsMuch: { code: () => `${process.env['SECRET']}${'x'.repeat(7_000_000)}` },
  returnsBadStatus: { code: () => ({ statusCode: 'teapot', body: process.env['SECRET'] }) },
  returnsBadHeader: { code: () => ({ statusCode: 200, headers: { 'x-a': `a\n${process.env['SECRET']}` } }) },
  returnsBadBody: { code: () => ({ statusCode: 200, body: { secret: process.env['SECRET'] } }) },
};
const functions = Object.fromEntries(
  Object.entries(failing).map(([name, fn]): [string, TestFunction] => [
    name,
    { ...fn, options: { environment, ...fn.options } },
  ]),
);
const stack = await serve({ ...functions, fine: { code: () => ({ fine: true }), route: 'POST /fine' } });
after(() => stack[Symbol.asyncDispose]());
const { lambdaUrl } = stack.runtime;

const inside: [what: string, pattern: RegExp | string][] = [
  ['the secret', secret],
  ['the folder of the project', projectRoot],
  ['the folder of the stack', stack.directory],
  ['the folder for temporary files', `${tmpdir()}/`],
  ['the home of the user', `${homedir()}/`],
  // As a whole word, and not inside a request id: those are random and may contain a short name.
  ['the name of the machine', new RegExp(`(?<![\\w+/-])${hostname().replaceAll('.', '\\.')}(?![\\w+/=-])`)],
  ['a stack trace', /\bat \S+ \(|\.[cm]?[jt]s\b|file:/],
  ['a package', /node_modules|node:/],
  ['the name of an error', /\b(?:Assertion|Range|Reference|Syntax|System|Type|Zod)?Error\b/],
  ['the version of Node.js', process.version],
];

function assertSilent(answer: string): void {
  for (const [what, pattern] of inside) {
    const found = typeof pattern === 'string' ? answer.includes(pattern) : pattern.test(answer);
    assert(!found, `${what} in ${answer.slice(0, 500)}`);
  }
}

describe('a response does not say why the function failed', () => {
  for (const name of Object.keys(failing)) {
    test(`a response does not say why the function ${name}`, async () => {
      const { status, headers, body } = await send(`${stack.url}/${name}`, { headers: { connection: 'keep-alive' } });
      const message = name === 'waits' ? 'Service Unavailable' : 'Internal Server Error';
      assert.deepEqual([status, body], [name === 'waits' ? 503 : 500, JSON.stringify({ message })]);
      const { date, 'apigw-requestid': requestId, ...rest } = headers;
      assert.match(`${date} ${requestId}`, /^\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT .{15}=$/);
      const length = String(body.length);
      assert.deepEqual(rest, {
        'content-type': 'application/json',
        'content-length': length,
        connection: 'keep-alive',
      });
    });
  }

  test('the log says why the function failed', () => {
    for (const name of ['throws', 'throwsLater', 'cannotStart']) {
      assert(
        stack.log.some(({ fn, line }) => fn === name && line.includes(secret)),
        name,
      );
    }
  });
});

const odd = ['', '%', '%00', '%2e%2e%2f', '../../etc/passwd', '..%2f..%2fpackage.json', '.git/config', "'", '\\'];
const heads = [
  ...odd.flatMap((path) => [`GET /${path}`, `POST /fine?${path}`, `PUT /fine/${path}`]),
  'TRACE /fine',
  'CONNECT fine:1',
  'OPTIONS *',
  'NONSENSE',
].map((start) => `${start} HTTP/1.1\r\n`);
const headers = [
  '',
  'Content-Length: x\r\n',
  'Transfer-Encoding: x\r\n',
  'Authorization: Bearer x.y.z\r\n',
  'X-Amz-Invocation-Type: x\r\n',
  'X-Amz-Client-Context: x\r\n',
  'Content-Type: application/json\r\nContent-Length: 1\r\n',
  `X: ${'x'.repeat(50_000)}\r\n`,
];

describe('a response to an invalid request reveals nothing', () => {
  const triggers = {
    'of the API': { url: stack.url, paths: [] },
    'of the Lambda API': {
      url: lambdaUrl,
      paths: [...odd, 'fine', 'fine:live'].map((name) => `/2015-03-31/functions/${name}/invocations`),
    },
  };
  for (const [which, { url, paths }] of Object.entries(triggers)) {
    test(`a response to an invalid request reveals nothing ${which}`, async (t) => {
      const starts = [...heads, ...paths.flatMap((path) => [`POST ${path} HTTP/1.1\r\n`, `GET ${path} HTTP/1.1\r\n`])];
      let count = 0;
      for (const start of starts) {
        for (const header of headers) {
          const socket = await open(url);
          const answers = answersUntilClosed(socket);
          socket.end(`${start}Host: ${new URL(url).host}\r\nConnection: close\r\n${header}\r\n{`);
          for (const answer of await answers) {
            count++;
            const { status, headers, body } = answer;
            assert(status < 500 || status === 501, `${start} ${status}`);
            assertSilent(`${JSON.stringify(headers)} ${body}`);
          }
        }
      }
      assert(count > starts.length);
      t.diagnostic(`evidence: odd requests swept for what is inside=${count}`);
    });
  }
});
