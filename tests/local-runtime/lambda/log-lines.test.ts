/** Every line that a function writes is logged, unaltered and in order, however its invocation ends. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { localClient } from '../../harness/lambda-client.ts';
import { isLongForm, longOnly } from '../../harness/long-form.ts';
import { type LogLine, serve, type TestFunction } from '../../harness/test-stack.ts';
import { endings } from './log-lines.cases.ts';

const count = 1000;
const formats = ['Text', 'JSON'] as const;

/** Writes through the console and around it, and lines that hold line ends. */
const writesAll = `
  import { writeSync } from 'node:fs';
  function writeAll() {
    for (let n = 0; n < ${count}; n++) console.log('line ' + n);
    for (let n = 0; n < ${count}; n++) process.stdout.write('raw ' + n + '\\n');
    for (let n = 0; n < ${count}; n++) {
      if (n % 4 === 0) console.log('mixed ' + n);
      else if (n % 4 === 1) process.stdout.write('mixed ' + n + '\\n');
      else if (n % 4 === 2) console.error('mixed ' + n);
      else process.stderr.write('mixed ' + n + '\\n');
    }
    for (let n = 0; n < ${count}; n++) writeSync(1, 'direct ' + n + '\\n');
    console.log('one\\ntwo\\r\\nthree\\n');
  }`;

function writer(code: string, atInit: boolean): string {
  return atInit
    ? `${writesAll}\nwriteAll();\n${code}\nexport const handler = () => 1;`
    : `${writesAll}\nexport const handler = async () => { writeAll(); ${code} };`;
}

const cases = Object.entries(endings).flatMap(
  ([title, { code, atInit = false, options, inShortForm = false }], index) =>
    formats.map((loggingFormat) => ({
      title: `${title}, in ${loggingFormat} format`,
      name: `writes${index}${loggingFormat}`,
      loggingFormat,
      // A function writes its lines the same way in both formats.
      limits: inShortForm && loggingFormat === 'JSON' ? {} : longOnly,
      fn: { code: writer(code, atInit), options: { ...options, loggingFormat } } satisfies TestFunction,
    })),
);
const small = (code: string): TestFunction => ({ code: `export const handler = async (event) => { ${code} };` });
const stack = await serve({
  ...Object.fromEntries(cases.map(({ name, fn }) => [name, fn])),
  counts: small("for (let n = 0; n < 50; n++) console.log(event.id + ' ' + n); if (event.exits) process.exit(1);"),
  writesUnicode: small("for (let n = 0; n < 2000; n++) { console.log('é🎉'); process.stdout.write('é🎉\\n'); }"),
  writesParts: small("for (const part of ['a', 'b', '\\n', '', 'c']) process.stdout.write(part);"),
  writesHuge: small("console.log('x'.repeat(3_000_000)); process.exit(1);"),
  writesBytes: small(
    "const bytes = Buffer.from('é\\n'); process.stdout.write(bytes.subarray(0, 1)); process.stdout.write(bytes.subarray(1));",
  ),
  writesEmpty: small("console.log(''); console.log('\\n');"),
});
after(() => stack[Symbol.asyncDispose]());
const client = localClient(stack.runtime.lambdaUrl);
after(() => client.destroy());

/** Invokes a function. @returns what it logged for the request, or for its initialisation, and the tail of its log */
async function linesOf(name: string, event: object = {}): Promise<{ lines: LogLine[]; tail: string }> {
  const command = new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event), LogType: 'Tail' });
  const { $metadata, LogResult = '' } = await client.send(command);
  const lines = stack.log.filter(
    ({ fn, requestId }) => fn === name && (requestId === undefined || requestId === $metadata.requestId),
  );
  return { lines, tail: Buffer.from(LogResult, 'base64').toString() };
}

/** Returns the message of a line: of a formatted one without its time, request id and level. */
function messageOf({ line }: LogLine): string {
  if (line.startsWith('{')) {
    const { message } = JSON.parse(line);
    return typeof message === 'string' ? message : JSON.stringify(message);
  }
  return line.replace(/^\S+Z\t\S+\t[A-Z]+\t/, '');
}

const numbered = (word: string) => Array.from({ length: count }, (_, n) => `${word} ${n}`);

describe(`${count} lines of each kind are logged in order`, { concurrency: 2 }, () => {
  for (const { title, name, limits } of cases) {
    /** @aws 4: No line is lost, however the invocation ends. */
    test(`by a function that ${title}`, limits, async () => {
      const messages = (await linesOf(name)).lines.map(messageOf);
      for (const word of ['line', 'raw', 'mixed', 'direct']) {
        assert.deepEqual(
          messages.filter((message) => message.startsWith(`${word} `)),
          numbered(word),
        );
      }
      assert.equal(messages.filter((message) => message === 'one\ntwo\r\nthree\n').length, 1);
    });
  }
});

/** @aws 4: A message of several lines is one log event. */
test('a multi-line message is one log event, and the tail has its line ends', async () => {
  const { lines, tail } = await linesOf('writesEmpty');
  assert.deepEqual(lines.map(messageOf), ['', '\n']);
  assert.match(tail, /\tINFO\t\n[^\n]+\tINFO\t\n\nEND RequestId/);
});

test('lines with emoji are not altered', async () => {
  const { lines } = await linesOf('writesUnicode');
  assert.deepEqual(lines.map(messageOf), Array(4000).fill('é🎉'));
});

test('a line that is written in parts is one line', async () => {
  assert.deepEqual((await linesOf('writesParts')).lines.map(messageOf), ['ab', 'c']);
  assert.deepEqual((await linesOf('writesBytes')).lines.map(messageOf), ['é']);
});

test('a line of 3 MB becomes log events of at most 1 MB, as in CloudWatch', async () => {
  const { lines } = await linesOf('writesHuge');
  assert.equal(lines.length, 3);
  assert.equal(lines.map(messageOf).join(''), 'x'.repeat(3_000_000));
});

test('many invocations at a time, half of them exit: each has all of its lines', async () => {
  const ids = Array.from({ length: isLongForm ? 100 : 20 }, (_, id) => id);
  await Promise.all(
    ids.map(async (id) => {
      const { lines } = await linesOf('counts', { id, exits: id % 2 === 0 });
      const own = lines.map(messageOf).filter((message) => message.startsWith(`${id} `));
      assert.deepEqual(
        own,
        Array.from({ length: 50 }, (_, n) => `${id} ${n}`),
      );
    }),
  );
});
