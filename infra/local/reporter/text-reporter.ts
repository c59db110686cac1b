import { styleText } from 'node:util';
import type { EventEnd, EventFailure } from '../async/event-queue.ts';
import type { AccessRecord, LateRecord } from '../http-api/gateway.ts';
import type { InvokeRecord } from '../lambda-api/lambda-api.ts';
import type { BuildError, Change } from '../watch/build-error.ts';
import { escapeControl } from './escape-control.ts';
import { LogBuffer } from './log-buffer.ts';
import { readableLogLines } from './log-line.ts';
import { printLine } from './print-line.ts';
import type { Reporter } from './reporter.ts';
import { count, startupBanner } from './startup-banner.ts';
import type { StartupSummary } from './startup-summary.ts';

export interface TextOutputOptions {
  /** Takes each line. @default prints it */
  print?: (line: string) => void;
  /** How long a function's lines wait for its answer. @default two seconds */
  patienceMs?: number;
}

/** For a person: a line for each request, call and event, and beneath it what the function wrote meanwhile. */
export class TextReporter implements Reporter {
  private readonly print: (line: string) => void;
  private readonly lines: LogBuffer;

  constructor({ print = printLine, patienceMs = 2000 }: TextOutputOptions = {}) {
    this.print = print;
    this.lines = new LogBuffer({
      overdue: (name, requestId, lines) => this.entry(`${name} ${requestId} is still at work`, lines),
      patienceMs,
    });
  }

  ready(description: StartupSummary, milliseconds: number): void {
    this.print(startupBanner(description));
    const followed = description.follows ? ' and follows edits' : '';
    this.print(`${styleText('bold', `Ready in ${seconds(milliseconds)}`)}${followed}. Ctrl-C stops it.\n`);
  }

  request({ method, path, requestId, ...rest }: AccessRecord): void {
    const target = `${styleText('bold', escapeControl(method))} ${escapeControl(path)}`;
    this.entry(`${target} ${outcome(rest)}`, this.lines.take(requestId));
  }

  late({ function: name, requestId, milliseconds, error }: LateRecord): void {
    const failed = error ? ` failed with ${escapeControl(error)}` : '';
    const line = `${name} ${requestId} ended too late for its request, after ${seconds(milliseconds)}${failed}`;
    this.entry(styleText('yellow', line), this.lines.take(requestId));
  }

  invocation({ operation, function: name, requestId, ...rest }: InvokeRecord): void {
    const call = `${styleText('bold', 'Invoke')} ${escapeControl(name)} ${escapeControl(operation)} ${requestId}`;
    // The lines of an event that nobody waits for come beneath what becomes of it.
    this.entry(`${call} ${outcome(rest)}`, operation === 'Event' ? [] : this.lines.take(requestId));
  }

  line(functionName: string, line: string, requestId: string | undefined): void {
    if (requestId === undefined) this.entry(styleText('dim', `${functionName}, outside of a request`), [line]);
    else this.lines.add(functionName, requestId, line);
  }

  eventFailed({ function: name, requestId, attempts, error, delayMs }: EventFailure): void {
    const failed = styleText('yellow', `attempt ${attempts} failed, the next is in ${delayMs / 1000} s`);
    this.entry(`${event(name, requestId)} ${failed}: ${escapeControl(error)}`, this.lines.take(requestId));
  }

  eventEnded({ function: name, requestId, condition, attempts, queue }: EventEnd): void {
    const end = styleText(condition === 'Success' ? 'green' : 'red', condition);
    const sent = queue ? `, recorded in ${queue}` : '';
    const line = `${event(name, requestId)} ${end} after ${count(attempts, 'attempt')}${sent}`;
    this.entry(line, this.lines.take(requestId));
  }

  changed({ files, remade, functions, milliseconds }: Change): void {
    const swapped = functions.length > 0 ? `${functions.join(', ')} swapped` : 'no function is other';
    const how = { functions: '', stack: 'stack synthesised, ', contract: 'contract generated, stack synthesised, ' };
    this.print(`${edited(files)} changed: ${styleText('green', how[remade] + swapped)} in ${seconds(milliseconds)}`);
  }

  refused(files: string[], { message, file, line, column }: BuildError): void {
    const place = [file, line, column].filter((part) => part !== undefined).join(':');
    this.print(styleText('red', escapeControl(place ? `${place}: ${message}` : message)));
    this.print(styleText('dim', `    ${edited(files)} changed; what was served before goes on being served`));
  }

  stopping(reason: string): void {
    this.print(`${reason}: answering what is under way; once more ends it at once`);
  }

  stopped(): void {
    this.print('Stopped');
  }

  private entry(heading: string, lines: string[]): void {
    this.print(heading);
    for (const line of lines.flatMap(readableLogLines)) this.print(styleText('dim', `    ${line}`));
  }
}

function outcome({ status, milliseconds, cold, error }: Omit<AccessRecord, 'method' | 'path'>): string {
  const colour = status < 300 ? 'green' : status < 400 ? 'cyan' : status < 500 ? 'yellow' : 'red';
  const start = cold === undefined ? '' : cold ? styleText('cyan', ' cold') : styleText('dim', ' warm');
  const failed = error ? styleText('red', ` failed with ${escapeControl(error)}`) : '';
  return `${styleText(colour, String(status))} ${milliseconds.toFixed(1)} ms${start}${failed}`;
}

function event(functionName: string, requestId: string): string {
  return `${styleText('bold', 'Event')} ${functionName} ${requestId}`;
}

/** The first few of the files. */
function edited(files: string[]): string {
  const more = files.length > 3 ? ` and ${files.length - 3} more` : '';
  return escapeControl(files.slice(0, 3).join(', ')) + more;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
