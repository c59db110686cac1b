import { readableLogLines } from '../../log-line.ts';
import type { FunctionModel } from '../cloud-assembly/stack-model.ts';
import type { Entry } from './entry.ts';
import { type Endpoints, entryCommands } from './entry-commands.ts';
import type { EntryDetail, ShownBody } from './entry-json.ts';
import { entrySummary } from './entry-summary.ts';
import { eventWithoutCredentials, headerPairs, withoutCredentials } from './hidden-credentials.ts';
import { type KeptBody, shownBody, wholeText } from './kept-body.ts';
import { refusedReplay } from './replay.ts';
import { bodyOf } from './request-body.ts';

export interface DetailOptions extends Endpoints {
  translate(line: string, fn: FunctionModel): string;
}

/** Returns an entry in full. */
export function entryDetail(entry: Entry, options: DetailOptions): EntryDetail {
  const { payload, result, clientContext, log } = entry;
  const refused = refusedReplay(entry);
  const stack = stackOf(entry, options);
  const body = entry.kind === 'http' ? bodyOf(entry) : undefined;
  return {
    ...entrySummary(entry),
    ...(entry.kind === 'http' && {
      request: {
        method: entry.report.method,
        url: entry.url,
        headers: withoutCredentials(headerPairs(entry.rawHeaders)),
        ...(body && body !== 'cut' && { body: shownBody({ content: body, omitted: 0 }) }),
      },
    }),
    ...(payload && { event: entry.kind === 'http' ? shownEvent(payload) : shownBody(payload) }),
    ...(clientContext !== undefined && { clientContext }),
    ...(result && { result: { failed: result.failed, ...shownBody(result.payload) } }),
    ...(stack && { stack }),
    ...(entry.kind === 'event' && { tries: shownTries(entry.tries) }),
    ...((entry.kind === 'http' || entry.kind === 'invoke') && {
      response: {
        status: entry.response.status,
        headers: withoutCredentials(entry.response.headers),
        body: shownBody(entry.response.body),
      },
    }),
    log: log.lines.flatMap(readableLogLines),
    logOmitted: log.omitted,
    commands: entryCommands(entry, options),
    ...(refused !== undefined && { replayRefused: refused }),
  };
}

function shownEvent(payload: KeptBody): ShownBody {
  const json = wholeText(payload);
  // What was cut cannot be parsed: nothing of it is shown that may be a credential.
  return json === undefined
    ? { text: '', omitted: payload.omitted + payload.content.length }
    : { text: eventWithoutCredentials(json) };
}

function shownTries(tries: Extract<Entry, { kind: 'event' }>['tries']): EntryDetail['tries'] {
  return tries.map(({ at, milliseconds, result, error }) => ({
    at: new Date(at).toISOString(),
    milliseconds: Math.round(milliseconds * 100) / 100,
    ...(result && { cold: result.cold }),
    ...(error !== undefined && { error }),
    throttled: result === undefined,
  }));
}

/** Returns the stack trace of a failed result, without the frames of packages and of Node. */
function stackOf({ result, target }: Entry, { translate }: DetailOptions): string[] | undefined {
  const json = result?.failed ? wholeText(result.payload) : undefined;
  if (json === undefined || !target) return undefined;
  const { trace, stackTrace } = memberOf(json);
  const frames = Array.isArray(trace) ? trace : stackTrace;
  if (!Array.isArray(frames)) return undefined;
  const own = frames.map(String).filter((frame) => !/^\s+at .*(?:node_modules|\bnode:)/.test(frame));
  return own.map((frame) => translate(frame, target.function));
}

function memberOf(json: string): { trace?: unknown; stackTrace?: unknown } {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
