import { z } from 'zod';
import { escapeControl } from './escape-control.ts';
import { loggedObject } from './logged-object.ts';

const errorShape = z.object({ errorType: z.string(), errorMessage: z.string(), stackTrace: z.array(z.string()) });

/** Of Text logging: a time, a request id and a level before the message. */
const textFormat = /^\S+Z\t[0-9a-f-]{36}\t([A-Z]+)\t/;

/**
 * A line that a function wrote, for a person: of one in Lambda's formats level and message, for when and for which
 * request it was written is told above it. It is one line; an error has its stack beneath, as far as it is in the
 * function's own code.
 */
export function readableLogLines(line: string): string[] {
  const logged = loggedObject(line);
  if (typeof logged?.['level'] !== 'string') return [escapeControl(line.replace(textFormat, '$1 '))];
  const { timestamp: _timestamp, requestId: _requestId, level, message, ...more } = logged;
  const error = errorShape.safeParse(message).data;
  if (error) {
    const { errorType, errorMessage, stackTrace } = error;
    // V8 puts the message before the frames: whatever is in it must not look like one.
    const frames = stackTrace.slice(errorMessage.split('\n').length);
    const own = frames.filter((frame) => !/node_modules|\bnode:/.test(frame));
    return [`${level} ${errorType}: ${errorMessage}`, ...own].map(escapeControl);
  }
  const words = [level, typeof message === 'string' ? message : JSON.stringify(message)];
  if (Object.keys(more).length > 0) words.push(JSON.stringify(more));
  return [escapeControl(words.join(' '))];
}
