import type { Entry } from './entry.ts';
import type { EntrySummary } from './entry-json.ts';

/** A path may have 10 KB. */
const mostOfPath = 300;
const mostOfError = 300;

/** Returns an entry as it is in the list. */
export function entrySummary(entry: Entry): EntrySummary {
  const { id, number, kind, at, requestId, replayOf, target } = entry;
  const common = {
    id,
    number,
    kind,
    at: new Date(at).toISOString(),
    function: target?.name,
    requestId,
    replayOf,
  };
  return withoutAbsent({ ...common, ...ownMembers(entry) });
}

type OwnMembers = Partial<Record<keyof EntrySummary, unknown>> & { failed: boolean };

function ownMembers(entry: Entry): OwnMembers {
  if (entry.kind === 'event') {
    const { state, attempts, delayMs, queue, error, result, tries } = entry;
    const { milliseconds } = tries.findLast((attempt) => attempt.result) ?? {};
    const failed = !['queued', 'throttled', 'Success'].includes(state);
    const cut = state === 'Success' ? undefined : error?.slice(0, mostOfError);
    return { state, attempts, delayMs, queue, error: cut, cold: result?.cold, milliseconds, failed };
  }
  if (entry.kind === 'batch') {
    const { queue, messages, failed: failedMessages, milliseconds, cold, error } = entry.report;
    const cut = error?.slice(0, mostOfError);
    return { queue, messages, failedMessages, milliseconds, cold, error: cut, failed: failedMessages > 0 };
  }
  const { status, milliseconds, cold, error } = entry.report;
  const outcome = {
    status,
    milliseconds,
    cold,
    error: error?.slice(0, mostOfError),
    failed: status >= 400 || error !== undefined,
  };
  if (entry.kind === 'invoke') {
    const { operation, function: name } = entry.report;
    return { operation, ...outcome, ...(!entry.target && { function: name.slice(0, mostOfPath) }) };
  }
  const { method, path } = entry.report;
  const { late } = entry;
  return {
    method,
    path: path.slice(0, mostOfPath),
    ...outcome,
    ...(late && { lateAfter: late.milliseconds, error: late.error?.slice(0, mostOfError) }),
  };
}

/** Rounds times to a hundredth of a millisecond, and leaves out members that are undefined. */
function withoutAbsent(members: object): EntrySummary {
  const rounded = Object.entries(members).map(([name, value]) => [
    name,
    typeof value === 'number' && /^(?:milliseconds|lateAfter)$/.test(name) ? Math.round(value * 100) / 100 : value,
  ]);
  return Object.fromEntries(rounded.filter(([, value]) => value !== undefined));
}
