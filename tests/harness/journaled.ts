import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Returns the bodies of the messages of a queue, in a folder that no process has open. */
export function queued(queues: string, name: string): string[] {
  const path = join(queues, 'queues.sqlite');
  if (!existsSync(path)) return [];
  const database = new DatabaseSync(path);
  const rows = database.prepare('SELECT body FROM messages WHERE queue = ? ORDER BY position').all(name);
  database.close();
  return rows.map(({ body }) => String(body));
}

/** Returns the request ids of the events in a journal that no process has open. */
export function journaled(queues: string): string[] {
  const path = join(queues, 'events.sqlite');
  if (!existsSync(path)) return [];
  const database = new DatabaseSync(path);
  const rows = database.prepare('SELECT requestId FROM events').all();
  database.close();
  return rows.map(({ requestId }) => String(requestId));
}
