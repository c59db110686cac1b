import { escapeControlJson } from './escape-control.ts';
import { loggedObject } from './logged-object.ts';
import { printLine } from './print-line.ts';
import type { Report, RuntimeEvent } from './reporter.ts';

/**
 * Returns a reporter for programs: one JSON object on each line, with `time` and `event`.
 * @param print receives each line @default prints it
 */
export function jsonReporter(print = printLine): Report {
  return (event) => {
    const json = JSON.stringify({ time: new Date().toISOString(), ...event, ...forProgram(event) });
    print(escapeControlJson(json));
  };
}

/** The members that differ in print: its own times to the hundredth, a line in JSON as the object that it is. */
function forProgram(event: RuntimeEvent): object {
  if (event.event === 'log') return { line: loggedObject(event.line) ?? event.line };
  return 'milliseconds' in event ? { milliseconds: Math.round(event.milliseconds * 100) / 100 } : {};
}
