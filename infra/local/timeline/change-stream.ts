import type { Writable } from 'node:stream';
import type { Changes } from './entry-json.ts';
import { entrySummary } from './entry-summary.ts';
import type { Timeline } from './timeline.ts';

/** Changes are sent together: a page cannot show more, and many requests a second must not each wait for it. */
const batchMs = 100;

/** Returns the entries that are new or changed since a cursor, as JSON. */
export function changesJson(timeline: Timeline, cursor: number | undefined): { json: string; next: number } {
  const { entries, first, next } = timeline.after(cursor);
  const changes: Changes = { entries: entries.map(entrySummary), first, next };
  return { json: JSON.stringify(changes), next };
}

/**
 * Sends changes as server-sent events (HTML, 9.2) until the connection is closed. A slow reader has one batch in memory
 * at most: what changes meanwhile comes with the next one.
 * @param cursor where a reader goes on @default all entries
 */
export function streamChanges(timeline: Timeline, response: Writable, cursor: number | undefined): void {
  let sent = cursor;
  let timer: NodeJS.Timeout | undefined;
  const send = () => {
    timer = undefined;
    const { json, next } = changesJson(timeline, sent);
    sent = next;
    response.write(`id: ${next}\ndata: ${json}\n\n`);
  };
  const schedule = () => {
    if (response.writableNeedDrain) return;
    timer ??= setTimeout(send, batchMs);
  };
  const end = timeline.onChange(schedule);
  response.on('drain', () => {
    if (timeline.hasChangedSince(sent ?? 0)) schedule();
  });
  response.on('close', () => {
    end();
    clearTimeout(timer);
  });
  // A browser connects again after a restart of the server.
  response.write('retry: 1000\n\n');
  send();
}
