/** What a person reads of a single event. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RuntimeEvent } from '../../../infra/local/reporter/reporter.ts';
import { textReporter } from '../../../infra/local/reporter/text-reporter.ts';
import type { ChangeReport } from '../../../infra/local/watch/edit-report.ts';

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
