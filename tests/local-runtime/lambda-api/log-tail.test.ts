/** The tail of an invocation's log in the response of Invoke. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { Duration } from '../../harness/duration.ts';
import { localClient } from '../../harness/lambda-client.ts';
import { serve } from '../../harness/test-stack.ts';

const stack = await serve({
  hangs: {
    code: () => {
      for (;;);
    },
    options: { timeout: Duration.seconds(1) },
  },
  speaksText: { code: () => console.log('one\ntwo'), options: { loggingFormat: 'Text' } },
  speaksMuch: { code: () => console.log('x'.repeat(10_000)) },
});
const client = localClient(stack.runtime.lambdaUrl);
after(async () => {
  client.destroy();
  await stack[Symbol.asyncDispose]();
});

const tail = async (FunctionName: string) => {
  const { LogResult = '', $metadata } = await client.send(new InvokeCommand({ FunctionName, LogType: 'Tail' }));
  const text = Buffer.from(LogResult, 'base64').toString();
  return { text, id: $metadata.requestId ?? '' };
};

test('the log tail is absent unless the caller asks for it', async () => {
  const { LogResult } = await client.send(new InvokeCommand({ FunctionName: 'speaksText' }));
  assert.equal(LogResult, undefined);
});

/** @aws 3.2: `LogResult` has the lines between START, END and REPORT. */
test('the log tail has the lines of the function between START, END and REPORT', async () => {
  const { text, id } = await tail('speaksText');
  const [start, line, more, end, report, rest] = text.split('\n');
  assert.equal(start, `START RequestId: ${id} Version: $LATEST`);
  assert.match(line ?? '', new RegExp(`^\\S+\\t${id}\\tINFO\\tone$`));
  assert.equal(more, 'two');
  assert.equal(end, `END RequestId: ${id}`);
  assert.match(
    report ?? '',
    new RegExp(
      `^REPORT RequestId: ${id}\\tDuration: \\d+\\.\\d\\d ms\\tBilled Duration: \\d+ ms\\tMemory Size: 256 MB\\tMax Memory Used: \\d+ MB\\t`,
    ),
  );
  assert.equal(rest, '');
});

test('the log tail reports a timeout', async () => {
  const { text, id } = await tail('hangs');
  assert.match(text, new RegExp(`${id} Task timed out after 1\\.00 seconds\\nEND RequestId: ${id}\\n`));
  assert.match(text, /\tStatus: timeout\t\n$/);
});

/** @aws 3.1: `LogResult` is the last 4 KB of the log. */
test('the log tail is the last 4 KB', async () => {
  const { text } = await tail('speaksMuch');
  assert.equal(Buffer.byteLength(text), 4096);
  assert.match(text, /^x+\n[\s\S]*REPORT RequestId/);
});
