import { styleText } from 'node:util';
import { readableLogLines } from '../../log-line.ts';
import { headingOf, type ServedRouteKeys } from './event-heading.ts';
import { LogBuffer } from './log-buffer.ts';
import type { Report, RuntimeEvent } from './reporter.ts';

export interface TextReporterOptions {
  /** Receives each line. */
  print(line: string): void;
  /** How long the log lines of a request wait for its end. @default two seconds */
  patienceMs?: number;
  /** Whether to list every resource type that is not emulated. @default false */
  verbose?: boolean;
}

/**
 * Returns a reporter for a person: a line for each request, invocation and event, and below it what the function
 * logged for it.
 */
export function textReporter({ print, patienceMs = 2000, verbose = false }: TextReporterOptions): Report {
  let routes: ServedRouteKeys = [];
  /** The function whose lines, outside of a request, were the last that were printed. */
  let outside: string | undefined;
  const buffer = new LogBuffer({
    overdue: (name, requestId, lines) => entry(`${name} ${requestId} is still running`, lines),
    patienceMs,
  });

  function entry(heading: string, lines: string[]): void {
    outside = undefined;
    for (const line of heading.split('\n')) print(line);
    printLogged(lines);
  }

  function printLogged(lines: string[]): void {
    for (const line of lines.flatMap(readableLogLines)) print(styleText('dim', `    ${line}`));
  }

  /** Such as the lines of an error while a module is loaded: all of them are below one heading. */
  function outsideOfRequest(name: string, line: string): void {
    if (name === outside) printLogged([line]);
    else entry(styleText('dim', `${name}, outside of a request`), [line]);
    outside = name;
  }

  return function reportAsText(event) {
    if (event.event === 'log') {
      const { function: name, requestId, line } = event;
      if (requestId === undefined) outsideOfRequest(name, line);
      else buffer.add(name, requestId, line);
      return;
    }
    if (event.event === 'ready' || event.event === 'routes-changed') routes = event.routes.map(({ route }) => route);
    entry(headingOf(event, { routes, verbose }), buffer.take(finishedBy(event)));
  };
}

/** Returns the request whose log lines are complete with this event. */
function finishedBy(event: RuntimeEvent): string | undefined {
  // The lines of an asynchronous event belong below its end, not below the call that queued it.
  if (event.event === 'invocation' && event.operation === 'Event') return undefined;
  return 'requestId' in event ? event.requestId : undefined;
}
