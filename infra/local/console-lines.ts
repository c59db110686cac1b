/** What `npm start` prints of each request, call and event: a line that a person can read. */
import type { EventEnd, EventFailure } from './async-invocations.ts';
import type { AccessRecord } from './gateway.ts';
import type { InvokeRecord } from './lambda-api.ts';

export function requestLine({ method, path, ...rest }: AccessRecord): string {
  return printable(`${method} ${path} ${outcome(rest)}`);
}

export function invocationLine({ operation, function: name, requestId, ...rest }: InvokeRecord): string {
  return printable(`Invoke ${name} ${operation} ${requestId} ${outcome(rest)}`);
}

export function eventFailureLine({ function: name, requestId, attempts, error, delayMs }: EventFailure): string {
  return printable(
    `Event ${name} ${requestId} attempt ${attempts} failed, the next is in ${delayMs / 1000} s: ${error}`,
  );
}

export function eventEndLine({ function: name, requestId, condition, attempts, queue }: EventEnd): string {
  const sent = queue ? `, recorded in ${queue}` : '';
  return `Event ${name} ${requestId} ${condition} after ${count(attempts, 'attempt')}${sent}`;
}

/** Such as `1 attempt`, `2 attempts`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** A line of a function's. What is replaced is JSON still, of the same value: it can only stand in a string. */
export function functionLine(line: string): string {
  return line.replace(steering, (character) => (character === '\t' ? character : `\\u${hex(character, 4)}`));
}

/** What steers a terminal, turns text around, or ends a line for whoever reads it. */
const steering = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

function printable(text: string): string {
  return text.replace(steering, (character) =>
    character < '\u0100' ? `\\x${hex(character, 2)}` : `\\u${hex(character, 4)}`,
  );
}

function hex(character: string, digits: number): string {
  return character.charCodeAt(0).toString(16).padStart(digits, '0');
}

function outcome({
  status,
  milliseconds,
  cold,
  error,
}: Pick<AccessRecord, 'status' | 'milliseconds' | 'cold' | 'error'>): string {
  const failed = error ? ` failed with ${error}` : '';
  return `${status} ${milliseconds.toFixed(1)} ms${cold ? ' cold' : ''}${failed}`;
}
