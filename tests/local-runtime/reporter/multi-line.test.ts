import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { textReporter } from '../../../infra/local/reporter/text-reporter.ts';

const id = '0123abcd-0000-4000-8000-000000000000';

for (const [format, line] of [
  ['Text', `2026-01-01T00:00:00.000Z\t${id}\tINFO\tone\ntwo\n\u001b[31mthree`],
  ['JSON', JSON.stringify({ timestamp: '', level: 'INFO', requestId: id, message: 'one\ntwo\n\u001b[31mthree' })],
] as const) {
  test(`a message of several lines in ${format} format is printed on several lines, all but the first indented`, () => {
    const printed: string[] = [];
    const report = textReporter({ print: (text) => printed.push(stripVTControlCharacters(text)) });
    report({ event: 'log', function: 'feeling', requestId: undefined, line });
    assert.deepEqual(printed.slice(1), ['    INFO one', '      two', '      \\x1b[31mthree']);
  });
}
