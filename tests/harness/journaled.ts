import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Returns the request ids of the events in a journal that no process has open. */
export function journaled(queues: string): string[] {
  const path = join(queues, 'events.sqlite');
  if (!existsSync(path)) return [];
  const database = new DatabaseSync(path);
  const rows = database.prepare('SELECT requestId FROM events').all();
  database.close();
  return rows.map(({ requestId }) => String(requestId));
}
