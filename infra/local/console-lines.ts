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

/** Without what would steer the terminal or look like a line of its own. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
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
