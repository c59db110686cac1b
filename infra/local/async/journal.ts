import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { closeExclusive, openExclusively, StorageError } from '../storage/exclusive-database.ts';
import type { JournalFailureReport } from './event-reports.ts';

/** An accepted event that has not ended, as it is on the disk. Its payload stays there until it is needed. */
export interface JournalEntry {
  requestId: string;
  /** The ARN that was invoked. */
  targetArn: string;
  traceId: string;
  /** In milliseconds since 1970. */
  acceptedAt: number;
  /** How often the function was invoked with it. */
  attempts: number;
}

/** The record of an event that has ended, until it is in its queue. */
export interface UnwrittenRecord {
  requestId: string;
  queue: string;
  record: string;
}

/** A change that waits for the next transaction. */
interface Change {
  sql: string;
  values: (string | number)[];
  /** Called when it is on the disk. */
  written?: () => void;
  /** Called when it cannot be written. A change without it is repeated until it can. */
  refused?: (error: Error) => void;
}

const schema = `
  CREATE TABLE IF NOT EXISTS events (
    requestId TEXT PRIMARY KEY, targetArn TEXT NOT NULL, traceId TEXT NOT NULL, acceptedAt REAL NOT NULL,
    payload TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, queue TEXT, record TEXT
  ) STRICT`;

const retryMs = 1000;

/**
 * The accepted asynchronous events on the disk: they survive a stop, a crash and `kill -9`. An SQLite database in the
 * folder of the queues, which exists only while an event waits. One process at a time may have it open, and the system
 * ends that with the process: this is also the lock of the folder.
 */
export class Journal {
  readonly path: string;
  private readonly report: (event: JournalFailureReport) => void;
  private database: DatabaseSync | undefined;
  private opening: Promise<DatabaseSync> | undefined;
  private readonly statements = new Map<string, StatementSync>();
  private changes: Change[] = [];
  private commit: Promise<void> | undefined;
  private hasFailed = false;
  private retry: NodeJS.Timeout | undefined;

  /**
   * Opens the journal of a folder if an earlier run has left one.
   * @param report called when a write fails, but not again until a write has succeeded
   * @throws {StorageError} when another process has it open.
   */
  static async open(directory: string, report: (event: JournalFailureReport) => void): Promise<Journal> {
    const journal = new Journal(directory, report);
    if (existsSync(journal.path)) await journal.connect();
    return journal;
  }

  private constructor(directory: string, report: (event: JournalFailureReport) => void) {
    this.path = join(directory, 'events.sqlite');
    this.report = report;
  }

  /**
   * Adds an event.
   * @returns once it is on the disk
   * @throws {StorageError} when it cannot be written.
   */
  async add({ requestId, targetArn, traceId, acceptedAt }: JournalEntry, payload: string): Promise<void> {
    await this.connect();
    await new Promise<void>((resolve, reject) => {
      this.change({
        sql: 'INSERT INTO events (requestId, targetArn, traceId, acceptedAt, payload) VALUES (?, ?, ?, ?, ?)',
        values: [requestId, targetArn, traceId, acceptedAt, payload],
        written: resolve,
        refused: ({ message }) => reject(new StorageError(`${this.path}: ${message}`)),
      });
    });
  }

  /** Counts an attempt. */
  attempted(requestId: string, attempts: number): void {
    this.change({ sql: 'UPDATE events SET attempts = ? WHERE requestId = ?', values: [attempts, requestId] });
  }

  /** Keeps the record of an event that has ended, until `remove`. @returns once it is on the disk */
  ended({ requestId, queue, record }: UnwrittenRecord): Promise<void> {
    const sql = "UPDATE events SET queue = ?, record = ?, payload = '' WHERE requestId = ?";
    return new Promise((written) => this.change({ sql, values: [queue, record, requestId], written }));
  }

  /** Removes an event that has ended, and whose record is written. */
  remove(requestId: string): void {
    this.change({ sql: 'DELETE FROM events WHERE requestId = ?', values: [requestId] });
  }

  /** Returns the payload of an event. @throws {Error} when the disk cannot be read. */
  payload(requestId: string): string {
    const row = this.database?.prepare('SELECT payload FROM events WHERE requestId = ?').get(requestId);
    return String(row?.['payload']);
  }

  /** Returns the events that have not ended, in the order of their acceptance. */
  entries(): JournalEntry[] {
    const sql =
      'SELECT requestId, targetArn, traceId, acceptedAt, attempts FROM events WHERE record IS NULL ORDER BY rowid';
    return (this.database?.prepare(sql).all() ?? []).map((row) => ({
      requestId: String(row['requestId']),
      targetArn: String(row['targetArn']),
      traceId: String(row['traceId']),
      acceptedAt: Number(row['acceptedAt']),
      attempts: Number(row['attempts']),
    }));
  }

  /** Returns the records that may not be written, one by one. */
  *unwrittenRecords(): Generator<UnwrittenRecord> {
    const ids =
      this.database?.prepare('SELECT requestId FROM events WHERE record IS NOT NULL ORDER BY rowid').all() ?? [];
    for (const { requestId } of ids) {
      const row = this.database?.prepare('SELECT queue, record FROM events WHERE requestId = ?').get(String(requestId));
      yield { requestId: String(requestId), queue: String(row?.['queue']), record: String(row?.['record']) };
    }
  }

  /**
   * Writes the last changes and closes the journal. Removes its files if nothing waits.
   * @returns how many events and records wait for the next start
   */
  async close(): Promise<number> {
    await this.flush();
    const waiting = Number(this.database?.prepare('SELECT count(*) AS waiting FROM events').get()?.['waiting'] ?? 0);
    if (this.database) await closeExclusive(this.database, this.path, { isEmpty: waiting === 0 });
    this.database = undefined;
    return waiting;
  }

  /** Waits until the changes so far are written, or could not be. */
  async flush(): Promise<void> {
    await this.commit;
    if (this.changes.length > 0) this.write();
  }

  /** Opens the database, which then stays open. */
  private async connect(): Promise<DatabaseSync> {
    if (this.database) return this.database;
    const { path, report } = this;
    const onUnreadable = (message: string) => report({ event: 'journal-failed', path, message });
    this.opening ??= openExclusively(path, { schema, onUnreadable }).finally(() => {
      this.opening = undefined;
    });
    this.database = await this.opening;
    return this.database;
  }

  private change(change: Change): void {
    this.changes.push(change);
    // One transaction takes all changes of this turn.
    this.commit ??= new Promise((resolve) => {
      setImmediate(() => {
        this.commit = undefined;
        this.write();
        resolve();
      });
    });
  }

  private write(): void {
    const { changes, database } = this;
    if (!database || changes.length === 0) return;
    try {
      database.exec('BEGIN');
      for (const { sql, values } of changes) this.statement(database, sql).run(...values);
      database.exec('COMMIT');
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      if (database.isTransaction) database.exec('ROLLBACK');
      this.onUnwritable(error);
      return;
    }
    this.changes = [];
    this.hasFailed = false;
    for (const { written } of changes) written?.();
  }

  private statement(database: DatabaseSync, sql: string): StatementSync {
    const statement = this.statements.get(sql) ?? database.prepare(sql);
    this.statements.set(sql, statement);
    return statement;
  }

  /** Refuses the events that could not be added. Repeats the other changes. */
  private onUnwritable(error: Error): void {
    const { changes } = this;
    this.changes = changes.filter(({ refused }) => !refused);
    const message = `cannot be written (${error.message}). Asynchronous events are refused until it can.`;
    if (!this.hasFailed) this.report({ event: 'journal-failed', path: this.path, message });
    this.hasFailed = true;
    for (const { refused } of changes) refused?.(error);
    this.retry ??= setTimeout(() => {
      this.retry = undefined;
      this.write();
    }, retryMs).unref();
  }
}
