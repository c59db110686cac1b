import { styleText } from 'node:util';
import type { RequestReport } from '../http-api/gateway.ts';
import { escapeControl } from './escape-control.ts';
import { LogBuffer } from './log-buffer.ts';
import { readableLogLines } from './log-line.ts';
import { printLine } from './print-line.ts';
import type { Report, RuntimeEvent } from './reporter.ts';
import { count, startupBanner } from './startup-banner.ts';

export interface TextReporterOptions {
  /** Receives each line. @default prints it */
  print?: (line: string) => void;
  /** How long a function's lines wait for their request to end. @default two seconds */
  patienceMs?: number;
}

/**
 * Returns a reporter for a person: a line for each request, invocation and event, and below it what the function
 * wrote for it.
 */
export function textReporter({ print = printLine, patienceMs = 2000 }: TextReporterOptions = {}): Report {
  const buffer = new LogBuffer({
    overdue: (name, requestId, lines) => entry(`${name} ${requestId} is still running`, lines),
    patienceMs,
  });

  function entry(heading: string, lines: string[]): void {
    for (const line of heading.split('\n')) print(line);
    for (const line of lines.flatMap(readableLogLines)) print(styleText('dim', `    ${line}`));
  }

  return function reportAsText(event) {
    if (event.event === 'log') {
      const { function: name, requestId, line } = event;
      if (requestId === undefined) entry(styleText('dim', `${name}, outside of a request`), [line]);
      else buffer.add(name, requestId, line);
      return;
    }
    entry(headingOf(event), buffer.take(finishedBy(event)));
  };
}

/** The request whose lines are complete with this event. */
function finishedBy(event: RuntimeEvent): string | undefined {
  // The lines of an asynchronous event belong below its end, not below the call that queued it.
  if (event.event === 'invocation' && event.operation === 'Event') return undefined;
  return 'requestId' in event ? event.requestId : undefined;
}

function headingOf(event: Exclude<RuntimeEvent, { event: 'log' }>): string {
  switch (event.event) {
    case 'ready': {
      const watched = event.follows ? ' and follows edits' : '';
      return `${startupBanner(event)}\n${styleText('bold', `Ready in ${seconds(event.milliseconds)}`)}${watched}. Ctrl-C stops it.\n`;
    }
    case 'request':
      return `${styleText('bold', escapeControl(event.method))} ${escapeControl(event.path)} ${outcome(event)}`;
    case 'late': {
      const failed = event.error ? ` failed with ${escapeControl(event.error)}` : '';
      const line = `${event.function} ${event.requestId} ended too late for its request, after ${seconds(event.milliseconds)}${failed}`;
      return styleText('yellow', line);
    }
    case 'invocation': {
      const call = `${styleText('bold', 'Invoke')} ${escapeControl(event.function)} ${escapeControl(event.operation)}`;
      return `${call} ${event.requestId} ${outcome(event)}`;
    }
    case 'event-failed': {
      const failed = `attempt ${event.attempts} failed, the next is in ${event.delayMs / 1000} s`;
      return `${eventName(event)} ${styleText('yellow', failed)}: ${escapeControl(event.error)}`;
    }
    case 'event-ended': {
      const end = styleText(event.condition === 'Success' ? 'green' : 'red', event.condition);
      const sent = event.queue ? `, recorded in ${event.queue}` : '';
      return `${eventName(event)} ${end} after ${count(event.attempts, 'attempt')}${sent}`;
    }
    case 'queue-unwritable':
      return styleText('red', `${event.path} cannot be written, its records are kept in memory: ${event.message}`);
    case 'changed': {
      const { files, remade, functions, milliseconds } = event;
      const swapped = functions.length > 0 ? `${functions.join(', ')} swapped` : 'no function is other';
      const how = { functions: '', stack: 'stack synthesised, ', contract: 'contract generated, stack synthesised, ' };
      return `${edited(files)} changed: ${styleText('green', how[remade] + swapped)} in ${seconds(milliseconds)}`;
    }
    case 'error': {
      const { files, file, line, column, message } = event;
      const place = [file, line, column].filter((part) => part !== undefined).join(':');
      const what = styleText('red', escapeControl(place ? `${place}: ${message}` : message));
      const then = styleText('dim', `    ${edited(files)} changed; what was served before goes on being served`);
      return `${what}\n${then}`;
    }
    case 'stopping':
      return `${event.reason}: answering what is under way; once more ends it at once`;
    case 'stopped':
      return 'Stopped';
  }
}

function outcome({
  status,
  milliseconds,
  cold,
  error,
}: Pick<RequestReport, 'status' | 'milliseconds' | 'cold' | 'error'>): string {
  const colour = status < 300 ? 'green' : status < 400 ? 'cyan' : status < 500 ? 'yellow' : 'red';
  const start = cold === undefined ? '' : cold ? styleText('cyan', ' cold') : styleText('dim', ' warm');
  const failed = error ? styleText('red', ` failed with ${escapeControl(error)}`) : '';
  return `${styleText(colour, String(status))} ${milliseconds.toFixed(1)} ms${start}${failed}`;
}

function eventName({ function: name, requestId }: { function: string; requestId: string }): string {
  return `${styleText('bold', 'Event')} ${name} ${requestId}`;
}

/** The first few of the files. */
function edited(files: string[]): string {
  const more = files.length > 3 ? ` and ${files.length - 3} more` : '';
  return escapeControl(files.slice(0, 3).join(', ')) + more;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
