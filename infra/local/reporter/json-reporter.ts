import { escapeControlJson } from './escape-control.ts';
import { loggedObject } from './logged-object.ts';
import { printLine } from './print-line.ts';
import type { Reporter } from './reporter.ts';

/** For programs: one JSON object on each line, with `time` and `event`. */
export class JsonReporter implements Reporter {
  private readonly print: (line: string) => void;

  /** @param print takes each line @default prints it */
  constructor(print = printLine) {
    this.print = print;
  }

  ready: Reporter['ready'] = (description, milliseconds) => this.write('ready', { ...description, milliseconds });
  request: Reporter['request'] = (record) => this.write('request', record);
  late: Reporter['late'] = (record) => this.write('late', record);
  invocation: Reporter['invocation'] = (record) => this.write('invocation', record);
  line: Reporter['line'] = (name, line, requestId) =>
    this.write('log', { function: name, requestId, line: loggedObject(line) ?? line });
  eventFailed: Reporter['eventFailed'] = (failure) => this.write('event-failed', failure);
  eventEnded: Reporter['eventEnded'] = (end) => this.write('event-ended', end);
  changed: Reporter['changed'] = (change) => this.write('changed', change);
  refused: Reporter['refused'] = (files, fault) => this.write('error', { files, ...fault });
  stopping: Reporter['stopping'] = (reason) => this.write('stopping', { reason });
  stopped: Reporter['stopped'] = () => this.write('stopped', {});

  private write(event: string, facts: object): void {
    const json = JSON.stringify({ time: new Date().toISOString(), event, ...facts, ...rounded(facts) });
    this.print(escapeControlJson(json));
  }
}

/** Its own time to the hundredth; what functions log stays as it is. */
function rounded(facts: object): { milliseconds?: number } {
  if (!('milliseconds' in facts) || typeof facts.milliseconds !== 'number') return {};
  return { milliseconds: Math.round(facts.milliseconds * 100) / 100 };
}
