import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

/** A folder on the disk cannot be used. Its message says why, and what to do. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
}

export interface ExclusiveDatabaseOptions {
  /** The tables, created if they do not exist. */
  schema: string;
  /** Called when an unreadable database was set aside. @param message follows the path in a sentence */
  onUnreadable(message: string): void;
}

/** Result codes of SQLite (docs: sqlite.org/rescode.html). */
const busy = 5;
const unreadable = [11, 26];

/**
 * Opens an SQLite database that no other process can open then. Sets an unreadable one aside.
 * @throws {StorageError} when another process has it open, or the disk cannot be written.
 */
export async function openExclusively(
  path: string,
  { schema, onUnreadable }: ExclusiveDatabaseOptions,
): Promise<DatabaseSync> {
  const { DatabaseSync } = await import('node:sqlite');
  let database: DatabaseSync | undefined;
  try {
    await mkdir(dirname(path), { recursive: true });
    // Messages are personal data. SQLite gives its other files the same mode.
    await (await open(path, 'a', 0o600)).close();
    database = new DatabaseSync(path);
    // A process that is killed loses nothing that was committed; a machine without power may (docs: sqlite.org/wal.html).
    database.exec(`
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      ${schema}`);
    await writeFile(`${path}.pid`, `${process.pid} ${new Date().toISOString()}`, { mode: 0o600 });
    return database;
  } catch (error) {
    const code = codeOf(error);
    const isUnreadable = unreadable.includes(code);
    const aside = `${path}.unreadable-${Date.now()}`;
    // Its log of changes too, and both before it is closed: SQLite would delete the log.
    if (isUnreadable) for (const end of ['', '-wal']) await rename(path + end, aside + end).catch(() => {});
    database?.close();
    if (code === busy) throw new StorageError(await lockedMessage(path));
    if (!isUnreadable) throw new StorageError(`${path}: ${String(error)}`);
    onUnreadable(`cannot be read, and is now ${aside}`);
    return openExclusively(path, { schema, onUnreadable });
  }
}

/**
 * Closes a database. Removes it if nothing in it waits, while no other process can open it: one that opened it in
 * between would write to a file that is gone.
 */
export async function closeExclusive(
  database: DatabaseSync,
  path: string,
  { isEmpty }: { isEmpty: boolean },
): Promise<void> {
  await rm(`${path}.pid`, { force: true });
  if (isEmpty) {
    try {
      // Removes the log of changes now. At its end, SQLite would remove that of the next process.
      database.exec('PRAGMA journal_mode = DELETE');
      await rm(path, { force: true });
    } catch {
      // The disk is full. An empty database stays, and the next start opens it.
    }
  }
  database.close();
}

async function lockedMessage(path: string): Promise<string> {
  const [pid, since] = (await readFile(`${path}.pid`, 'utf8').catch(() => '')).split(' ');
  const other = since === undefined ? 'another process uses it' : `process ${pid} has used it since ${since}`;
  return `${dirname(path)}: ${other}. Stop it, or choose another folder: QUEUE_DIRECTORY=.local/other npm start`;
}

/** Returns the primary result code: an extended one has it in its last byte. */
function codeOf(error: unknown): number {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
}
