import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { closeExclusive, openExclusively } from '../storage/exclusive-database.ts';

/** A message as fauxqs holds it. Times are in milliseconds since 1970. */
export interface StoredMessage {
  messageId: string;
  body: string;
  md5OfBody: string;
  messageAttributes: Record<string, unknown>;
  md5OfMessageAttributes: string;
  sentTimestamp: number;
  approximateReceiveCount: number;
  approximateFirstReceiveTimestamp?: number | undefined;
  delayUntil?: number | undefined;
  messageGroupId?: string | undefined;
  messageDeduplicationId?: string | undefined;
  sequenceNumber?: string | undefined;
}

/** A message that a consumer has received and not yet deleted. */
export interface Receipt {
  receiptHandle: string;
  visibilityDeadline: number;
}

const schema = `
  CREATE TABLE IF NOT EXISTS messages (
    position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, queue TEXT NOT NULL, body TEXT NOT NULL, facts TEXT NOT NULL,
    receives INTEGER NOT NULL DEFAULT 0, firstReceived INTEGER, receiptHandle TEXT, deadline INTEGER
  ) STRICT;
  CREATE INDEX IF NOT EXISTS byQueue ON messages (queue)`;

/**
 * The messages of all queues on the disk. They survive a stop, a crash and `kill -9`: a message is there before its
 * sender has its response. Each change of a message is one that fauxqs tells its store.
 */
export class QueueDatabase {
  private readonly path: string;
  private readonly database: DatabaseSync;
  private readonly statements = new Map<string, StatementSync>();
  /** For the transaction that runs. */
  private readonly onEnd: ((isWritten: boolean) => void)[] = [];

  /**
   * Opens the messages of a folder.
   * @param onUnreadable called when an unreadable file was set aside
   * @throws {StorageError} when another process has them open, or the disk cannot be written.
   */
  static async open(path: string, onUnreadable: (message: string) => void): Promise<QueueDatabase> {
    return new QueueDatabase(path, await openExclusively(path, { schema, onUnreadable }));
  }

  private constructor(path: string, database: DatabaseSync) {
    this.path = path;
    this.database = database;
  }

  /** Returns the messages of a queue, in their order, with the receipt of those that a consumer has. */
  *messagesOf(queue: string): Generator<[message: StoredMessage, receipt: Receipt | undefined]> {
    const rows = this.statement(
      'SELECT id, facts, receives, firstReceived, receiptHandle, deadline FROM messages WHERE queue = ? ORDER BY position',
    ).iterate(queue);
    for (const { id, facts, receives, firstReceived, receiptHandle, deadline } of rows) {
      const message = this.held({
        ...JSON.parse(String(facts)),
        messageId: String(id),
        approximateReceiveCount: Number(receives),
        approximateFirstReceiveTimestamp: firstReceived === null ? undefined : Number(firstReceived),
      });
      const receipt = { receiptHandle: String(receiptHandle), visibilityDeadline: Number(deadline) };
      yield [message, receiptHandle === null ? undefined : receipt];
    }
  }

  has(messageId: string): boolean {
    return this.statement('SELECT 1 FROM messages WHERE id = ?').get(messageId) !== undefined;
  }

  /**
   * Writes a message, or moves one that is in another queue.
   * @returns the message without its body and its attributes in memory
   */
  insert(queue: string, message: StoredMessage): StoredMessage {
    const { messageId, body, approximateReceiveCount, approximateFirstReceiveTimestamp, ...facts } = message;
    this.statement(
      `INSERT INTO messages (id, queue, body, facts, receives, firstReceived) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET
          position = (SELECT max(position) + 1 FROM messages), queue = excluded.queue, receives = excluded.receives,
          firstReceived = excluded.firstReceived, receiptHandle = NULL, deadline = NULL`,
    ).run(
      messageId,
      queue,
      body,
      JSON.stringify(facts),
      approximateReceiveCount,
      approximateFirstReceiveTimestamp ?? null,
    );
    return this.held(message);
  }

  /** Runs changes that belong together: all of them are on the disk, or none. */
  transaction<Result>(changes: () => Result): Result {
    if (this.database.isTransaction) return changes();
    let isWritten = false;
    this.database.exec('BEGIN');
    try {
      const result = changes();
      this.database.exec('COMMIT');
      isWritten = true;
      return result;
    } finally {
      if (this.database.isTransaction) this.database.exec('ROLLBACK');
      for (const callback of this.onEnd.splice(0)) callback(isWritten);
    }
  }

  /** Calls back once it is certain whether the changes so far are on the disk: at once if no transaction runs. */
  whenEnded(callback: (isWritten: boolean) => void): void {
    if (this.database.isTransaction) this.onEnd.push(callback);
    else callback(true);
  }

  deleteMessage(messageId: string): void {
    this.statement('DELETE FROM messages WHERE id = ?').run(messageId);
  }

  deleteQueueMessages(queue: string): void {
    this.statement('DELETE FROM messages WHERE queue = ?').run(queue);
  }

  updateMessageInflight(
    messageId: string,
    receiptHandle: string,
    visibilityDeadline: number,
    receiveCount: number,
    firstReceived?: number,
  ): void {
    this.statement(
      'UPDATE messages SET receiptHandle = ?, deadline = ?, receives = ?, firstReceived = ? WHERE id = ?',
    ).run(receiptHandle, visibilityDeadline, receiveCount, firstReceived ?? null, messageId);
  }

  updateMessageReady(messageId: string): void {
    this.statement('UPDATE messages SET receiptHandle = NULL, deadline = NULL WHERE id = ?').run(messageId);
  }

  /** Closes the file, and removes it if no queue has a message. */
  async close(): Promise<void> {
    const isEmpty = this.statement('SELECT 1 FROM messages').get() === undefined;
    this.statements.clear();
    await closeExclusive(this.database, this.path, { isEmpty });
  }

  private held({
    body: _,
    messageAttributes,
    ...facts
  }: Omit<StoredMessage, 'body'> & { body?: string }): StoredMessage {
    return new HeldMessage(facts, Object.keys(messageAttributes).length > 0 ? this.stored : this.storedBody);
  }

  private readonly stored = (id: string): Stored => {
    const row = this.statement('SELECT body, facts FROM messages WHERE id = ?').get(id);
    const { messageAttributes } = JSON.parse(String(row?.['facts']));
    return { body: String(row?.['body']), messageAttributes };
  };

  private readonly storedBody = (id: string): Stored => {
    const row = this.statement('SELECT body FROM messages WHERE id = ?').get(id);
    return { body: String(row?.['body']), messageAttributes: {} };
  };

  private statement(sql: string): StatementSync {
    const statement = this.statements.get(sql) ?? this.database.prepare(sql);
    this.statements.set(sql, statement);
    return statement;
  }
}

type Stored = Pick<StoredMessage, 'body' | 'messageAttributes'>;

/** A message whose body and attributes stay on the disk until it is received: queues may be larger than memory. */
class HeldMessage {
  readonly #stored: (id: string) => Stored;
  declare messageId: string;
  declare md5OfBody: string;
  declare md5OfMessageAttributes: string;
  declare sentTimestamp: number;
  declare approximateReceiveCount: number;

  constructor(facts: Omit<StoredMessage, keyof Stored>, stored: (id: string) => Stored) {
    this.#stored = stored;
    Object.assign(this, facts);
  }

  get body(): string {
    return this.#stored(this.messageId).body;
  }

  get messageAttributes(): Record<string, unknown> {
    return this.#stored(this.messageId).messageAttributes;
  }
}
