import type { EntrySummary } from '../../timeline/entry-json.ts';

/** An entry in words. */
export interface SummaryText {
  /** What was sent, such as `POST /feeling`. */
  name: string;
  /** How it ended, such as `200`. */
  outcome: string;
  /** `refused` where the client is to blame: a status from 400 to 499. */
  level: 'good' | 'refused' | 'bad';
  /** When, how long, how often. */
  facts: string[];
}

/** The states of an event that has not ended with a condition of Lambda. */
const states: Record<string, string> = {
  queued: 'queued',
  throttled: 'throttled',
  retrying: 'will be retried',
  Success: 'succeeded',
};

/** Describes an entry in words. */
export function describe(summary: EntrySummary): SummaryText {
  const { kind, status, failed, at } = summary;
  const name = nameOf(summary);
  const outcome = outcomeOf(summary);
  const facts = [new Date(at).toLocaleTimeString('en-GB'), ...durations(summary)];
  if (summary.replayOf !== undefined) facts.push('sent again');
  const level = !failed ? 'good' : kind === 'http' && status !== undefined && status < 500 ? 'refused' : 'bad';
  return { name, outcome, level, facts };
}

function nameOf({ kind, method, path, operation, function: fn = '', messages = 0, queue }: EntrySummary): string {
  switch (kind) {
    case 'http':
      return `${method} ${path}`;
    case 'event':
      return `Event ${fn}`;
    case 'batch':
      return `${messages} ${messages === 1 ? 'message' : 'messages'} of ${queue} ${fn}`;
    case 'invoke':
      return `${operation === 'RequestResponse' ? 'Invoke' : operation} ${fn}`;
  }
}

function outcomeOf({ kind, state = '', status, failed, failedMessages = 0 }: EntrySummary): string {
  if (kind === 'event') return states[state] ?? state;
  if (kind === 'batch') return failedMessages === 0 ? 'handled' : `${failedMessages} failed`;
  return kind === 'invoke' && status === 200 && failed ? 'function error' : String(status);
}

function durations({ milliseconds, cold, attempts = 0, delayMs, lateAfter, kind, error }: EntrySummary): string[] {
  const facts = [];
  if (milliseconds !== undefined) facts.push(`${milliseconds.toLocaleString('en')} ms`);
  if (cold !== undefined) facts.push(cold ? 'cold' : 'warm');
  if (kind === 'event') facts.push(attempts === 1 ? '1 attempt' : `${attempts} attempts`);
  if (delayMs !== undefined) facts.push(`next in ${delayMs / 1000} s`);
  if (lateAfter !== undefined) facts.push(`the function ended after ${lateAfter.toLocaleString('en')} ms`);
  if (error !== undefined) facts.push(error);
  return facts;
}
