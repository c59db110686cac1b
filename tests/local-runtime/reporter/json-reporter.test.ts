/** What a program reads: an event on each line. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonReporter } from '../../../infra/local/reporter/json-reporter.ts';

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
