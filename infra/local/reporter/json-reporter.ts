import { printableJson } from './escape-control.ts';
import { loggedObject } from './logged-object.ts';
import { printLine } from './print-line.ts';
import type { Output } from './reporter.ts';

/** For programs: one JSON object on each line, with `time` and `event`. */
export class JsonOutput implements Output {
  private readonly print: (line: string) => void;

  /** @param print takes each line @default prints it */
  constructor(print = printLine) {
    this.print = print;
  }

  ready: Output['ready'] = (description, milliseconds) => this.write('ready', { ...description, milliseconds });
  request: Output['request'] = (record) => this.write('request', record);
  late: Output['late'] = (record) => this.write('late', record);
  invocation: Output['invocation'] = (record) => this.write('invocation', record);
  line: Output['line'] = (name, line, requestId) =>
    this.write('log', { function: name, requestId, line: loggedObject(line) ?? line });
  eventFailed: Output['eventFailed'] = (failure) => this.write('event-failed', failure);
  eventEnded: Output['eventEnded'] = (end) => this.write('event-ended', end);
  changed: Output['changed'] = (change) => this.write('changed', change);
  refused: Output['refused'] = (files, fault) => this.write('error', { files, ...fault });
  stopping: Output['stopping'] = (reason) => this.write('stopping', { reason });
  stopped: Output['stopped'] = () => this.write('stopped', {});

  private write(event: string, facts: object): void {
    const json = JSON.stringify({ time: new Date().toISOString(), event, ...facts, ...rounded(facts) });
    this.print(printableJson(json));
  }
}

/** Its own time to the hundredth; what functions log stays as it is. */
function rounded(facts: object): { milliseconds?: number } {
  if (!('milliseconds' in facts) || typeof facts.milliseconds !== 'number') return {};
  return { milliseconds: Math.round(facts.milliseconds * 100) / 100 };
}
