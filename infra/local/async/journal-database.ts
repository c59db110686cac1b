import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { JournalFailureReport } from './event-reports.ts';

/** The journal cannot be used. Its message says why, and what to do. */
export class JournalError extends Error {
  override readonly name = 'JournalError';
}

/** Result codes of SQLite (docs: sqlite.org/rescode.html). */
const busy = 5;
const unreadable = [11, 26];

/**
 * Opens the database of a journal, which no other process can open then. Sets an unreadable one aside.
 * @throws {JournalError} when another process has it open, or the disk cannot be written.
 */
export async function openJournalDatabase(
  path: string,
  report: (event: JournalFailureReport) => void,
): Promise<DatabaseSync> {
  const { DatabaseSync } = await import('node:sqlite');
  let database: DatabaseSync | undefined;
  try {
    await mkdir(dirname(path), { recursive: true });
    // Events are personal data. SQLite gives its other files the same mode.
    await (await open(path, 'a', 0o600)).close();
    database = new DatabaseSync(path);
    // A process that is killed loses nothing that was committed; a machine without power may (docs: sqlite.org/wal.html).
    database.exec(`
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS events (
        requestId TEXT PRIMARY KEY, targetArn TEXT NOT NULL, traceId TEXT NOT NULL, acceptedAt REAL NOT NULL,
        payload TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, queue TEXT, record TEXT
      ) STRICT`);
    await writeFile(`${path}.pid`, `${process.pid} ${new Date().toISOString()}`, { mode: 0o600 });
    return database;
  } catch (error) {
    database?.close();
    const code = codeOf(error);
    if (code === busy) throw new JournalError(await lockedMessage(path));
    if (!unreadable.includes(code)) throw new JournalError(`${path}: ${String(error)}`);
    const aside = `${path}.unreadable-${Date.now()}`;
    await rename(path, aside);
    report({ event: 'journal-failed', path, message: `cannot be read, and is now ${aside}` });
    return openJournalDatabase(path, report);
  }
}

/** Removes the files of a closed journal. @param keepEvents whether the database stays */
export async function removeFiles(path: string, { keepEvents }: { keepEvents: boolean }): Promise<void> {
  for (const end of keepEvents ? ['.pid'] : ['.pid', '', '-wal', '-shm']) await rm(path + end, { force: true });
}

async function lockedMessage(path: string): Promise<string> {
  const [pid = '?', since = '?'] = (await readFile(`${path}.pid`, 'utf8').catch(() => '')).split(' ');
  const other = `process ${pid} has used it since ${since}`;
  return `${dirname(path)}: ${other}. Stop it, or choose another folder: QUEUE_DIRECTORY=.local/other npm start`;
}

function codeOf(error: unknown): number {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0;
}
