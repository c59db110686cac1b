import { styleText } from 'node:util';
import { escapeControl } from '../../escape-control.ts';
import type { AwsCallReport } from '../aws-endpoint/aws-endpoint.ts';
import type { BatchReport } from '../event-sources/event-source-mapping.ts';
import type { RequestReport } from '../http-api/http-record.ts';
import type { BuildErrorReport, ChangeReport } from '../watch/edit-report.ts';
import type { RoutesReport, RuntimeEvent } from './reporter.ts';
import { count, routeLine, startupBanner } from './startup-banner.ts';

/** The keys of the routes that are served, such as `POST /feeling`. */
export type ServedRouteKeys = readonly string[];

export interface HeadingOptions {
  routes: ServedRouteKeys;
  /** Whether to list every resource type that is not emulated. */
  verbose: boolean;
}

/** Returns what a person reads of an event: one line for most, escaped. */
export function headingOf(event: Exclude<RuntimeEvent, { event: 'log' }>, { routes, verbose }: HeadingOptions): string {
  switch (event.event) {
    case 'ready': {
      const ready = styleText('bold', `Ready in ${seconds(event.milliseconds)}`);
      const watches = event.watches ? ', watching for edits' : '';
      return `${startupBanner(event, verbose)}\n${ready}${watches}. Ctrl-C stops it.\n`;
    }
    case 'request':
      return requestLine(event, routes);
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
      const failed = `attempt ${event.attempts} failed, next attempt in ${event.delayMs / 1000} s`;
      return `${eventName(event)} ${styleText('yellow', failed)}: ${escapeControl(event.error)}`;
    }
    case 'event-ended': {
      const end = styleText(event.condition === 'Success' ? 'green' : 'red', event.condition);
      const sent = event.queue ? `, recorded in ${event.queue}` : '';
      return `${eventName(event)} ${end} after ${count(event.attempts, 'attempt')}${sent}`;
    }
    case 'queue-unwritable':
      return styleText(
        'red',
        `Cannot write to ${event.queue} (${escapeControl(event.message)}). Its records are kept in memory until it can.`,
      );
    case 'aws-call':
      return awsCallLine(event);
    case 'batch':
      return batchLine(event);
    case 'poll-failed':
      return styleText('red', `Queue ${event.queue}: ${escapeControl(event.message)}`);
    case 'queues-failed':
    case 'journal-failed':
      return styleText('red', `${event.path}: ${event.message}`);
    case 'events-resumed':
      return `Resuming ${count(event.events, 'event')} of the last run (${event.path})`;
    case 'events-kept':
      return `${count(event.events, 'event')} kept in ${event.path}. The next start resumes them.`;
    case 'inspecting': {
      const places = event.inspectors.map(({ function: name, port }) => `${name} at 127.0.0.1:${port || '(any port)'}`);
      const waits = event.waits ? ' Each process waits for its debugger.' : '';
      return `Inspectors, from the first invocation on: ${places.join(', ')}.${waits} Timeouts and memory limits are suspended.`;
    }
    case 'changed':
      return changeLine(event);
    case 'routes-changed':
      return routesLines(event);
    case 'error':
      return buildErrorLines(event);
    case 'restart-needed':
      return styleText(
        'yellow',
        `${edited(event.files)} changed: restart npm run dev, it is part of the server itself`,
      );
    case 'output-dropped':
      return styleText('yellow', `${count(event.lines, 'line')} not printed: the output was not read`);
    case 'stopping':
      return event.again
        ? `${event.reason}: in-flight requests are cut off, accepted events are kept`
        : `${event.reason}: finishing in-flight requests. To cut them off, press Ctrl-C again.`;
    case 'stopped':
      return 'Stopped';
  }
}

function requestLine(event: RequestReport, routes: ServedRouteKeys): string {
  const line = `${styleText('bold', escapeControl(event.method))} ${escapeControl(event.path)} ${outcome(event)}`;
  // The function did not answer this 404: no route matches.
  const served = event.status === 404 && event.cold === undefined ? servedInstead(event, routes) : '';
  return served === '' ? line : line + styleText('dim', served);
}

/** Returns what is served where nothing matches, such as ` (POST /feeling is served)`: first what has the same path. */
function servedInstead({ path }: RequestReport, routes: ServedRouteKeys): string {
  const samePath = routes.filter((route) => route.endsWith(` ${path}`));
  const shown = samePath.length > 0 ? samePath : routes;
  if (shown.length === 0) return ' (no route is served)';
  const more = shown.length > 5 ? ` and ${shown.length - 5} more` : '';
  return ` (${shown.slice(0, 5).join(', ')}${more} ${shown.length > 1 ? 'are' : 'is'} served)`;
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

function changeLine({ files, remade, functions, removed, milliseconds }: ChangeReport): string {
  const what = [];
  if (remade === 'contract') what.push('contract generated');
  if (remade !== 'functions') what.push('stack synthesised');
  if (functions.length > 0) what.push(`${functions.join(', ')} restarted`);
  if (removed.length > 0) what.push(`${removed.join(', ')} removed`);
  if (functions.length + removed.length === 0) what.push('no function changed');
  return `${edited(files)} changed: ${styleText('green', what.join(', '))} (${seconds(milliseconds)})`;
}

function routesLines({ routes, added, removed, commands }: RoutesReport): string {
  const lines = routes.filter(({ route }) => added.includes(route)).map(routeLine);
  lines.push(...commands.map((command) => `  ${command}`));
  if (removed.length > 0) lines.unshift(`  no longer served: ${removed.join(', ')}`);
  return lines.join('\n');
}

function buildErrorLines({ files, file, line, column, message }: BuildErrorReport): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  const what = place ? `${place}: ${message}` : message;
  const lines = what.split('\n').map((text) => styleText('red', escapeControl(text)));
  return [...lines, styleText('dim', `    ${edited(files)} changed; the previous version stays in service`)].join('\n');
}

function eventName({ function: name, requestId }: { function: string; requestId: string }): string {
  return `${styleText('bold', 'Event')} ${name} ${requestId}`;
}

/** Returns the first few of the files. */
function edited(files: string[]): string {
  const more = files.length > 3 ? ` and ${files.length - 3} more` : '';
  return escapeControl(files.slice(0, 3).join(', ')) + more;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

/** Returns a line such as `SendMessage 200 in 2 ms`. */
function awsCallLine({ service, operation, status, milliseconds, error }: AwsCallReport): string {
  const call = `${styleText('bold', operation)} (${service})`;
  const end = styleText(status < 400 ? 'green' : 'red', String(status));
  return `${call} ${end} in ${Math.round(milliseconds)} ms${error ? `: ${escapeControl(error)}` : ''}`;
}

/** Returns a line such as `feeling-records-dev:live 3 messages of feeling-reactions-dev in 12 ms`. */
function batchLine({ function: fn, queue, messages, failed, milliseconds, cold, error }: BatchReport): string {
  const time = `${Math.round(milliseconds)} ms${cold ? ', cold' : ''}`;
  const line = `${styleText('bold', fn)} ${count(messages, 'message')} of ${queue} in ${time}`;
  if (failed === 0) return line;
  return `${line}, ${styleText('red', `${failed} failed`)}${error ? `: ${escapeControl(error)}` : ''}`;
}
