import { escapeControlJson } from '../../escape-control.ts';
import { loggedObject } from '../../log-line.ts';
import type { Report, RuntimeEvent } from './reporter.ts';

/**
 * Returns a reporter for programs: one JSON object on each line, with `time` and `event`.
 * @param print receives each line
 */
export function jsonReporter(print: (line: string) => void): Report {
  return (event) => {
    const json = JSON.stringify({ time: new Date().toISOString(), ...event, ...forProgram(event) });
    print(escapeControlJson(json));
  };
}

/** Returns the members that differ in print: times rounded to a hundredth, and a log line in JSON as its object. */
function forProgram(event: RuntimeEvent): object {
  if (event.event === 'log') return { line: loggedObject(event.line) ?? event.line };
  return 'milliseconds' in event ? { milliseconds: Math.round(event.milliseconds * 100) / 100 } : {};
}
