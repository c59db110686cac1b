import { z } from 'zod';
import { escapeControl } from './escape-control.ts';

const errorShape = z.object({ errorType: z.string(), errorMessage: z.string(), stackTrace: z.array(z.string()) });
/** An error, or an object that has one and its causes, as functions/middleware/internal-problem.ts logs it. */
const loggedError = z.union([
  errorShape.transform((error) => [error]),
  z
    .object({ error: errorShape, causes: z.array(errorShape).default([]) })
    .transform(({ error, causes }) => [error, ...causes]),
]);

/** Lambda's Text format: time, request id and level before the message. */
const textFormat = /^\S+Z\t[0-9a-f-]{36}\t([A-Z]+)\t/;

/**
 * Returns a log line for a person, escaped. Of a line in one of Lambda's formats it keeps level and message: time and
 * request are in the heading above it. An error is followed by the stack frames that are in the function's own code.
 */
export function readableLogLines(line: string): string[] {
  const logged = loggedObject(line);
  if (typeof logged?.['level'] !== 'string') return indented(line.replace(textFormat, '$1 '));
  const { timestamp: _timestamp, requestId: _requestId, level, message, ...more } = logged;
  const errors = loggedError.safeParse(message).data;
  if (errors) return errors.flatMap((error, index) => errorLines(error, index === 0 ? level : '  caused by'));
  const words = [level, typeof message === 'string' ? message : JSON.stringify(message)];
  if (Object.keys(more).length > 0) words.push(JSON.stringify(more));
  return indented(words.join(' '));
}

/** Returns the message of an error and its stack frames in the function's own code, escaped. */
function errorLines({ errorType, errorMessage, stackTrace }: z.infer<typeof errorShape>, start: unknown): string[] {
  // V8 puts the message before the frames. A message must not be taken for a frame.
  const frames = stackTrace.slice(errorMessage.split('\n').length);
  const own = frames.filter((frame) => !/node_modules|\bnode:/.test(frame));
  return [`${start} ${errorType}: ${errorMessage}`, ...own].map(escapeControl);
}

/** Returns the lines of a message, escaped. All but the first are indented: none can be taken for a message of its own. */
function indented(message: string): string[] {
  const [first = '', ...more] = message.split('\n').map(escapeControl);
  return [first, ...more.map((line) => `  ${line}`)];
}

/** Returns the object that a log line is with JSON logging; undefined for any other line. */
export function loggedObject(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
