/** About how many characters are written at a time: the disk may have room for some of the records. */
const batchLength = 1_000_000;
/** How long to wait before a failed write is repeated. */
const retryMs = 1000;

/** The record of an event, for a queue. */
export interface QueuedRecord {
  /** The request id of the event, which becomes the id of the message. */
  id: string;
  body: string;
}

/** A queue of the template that gets records. While they cannot be written, they stay in memory. */
export class Destination {
  readonly name: string;
  private readonly writeBatch: (records: QueuedRecord[]) => Promise<void>;
  private readonly onFailure: (error: Error) => void;
  private unwritten: (QueuedRecord & { written(): void })[] = [];
  private writing: Promise<void> | undefined;
  private retry: NodeJS.Timeout | undefined;

  /**
   * @param writeBatch writes all of the records, or none. One that is there already is not written again.
   * @param onFailure called when a write fails, but not again until a write has succeeded
   */
  constructor(name: string, writeBatch: (records: QueuedRecord[]) => Promise<void>, onFailure: (error: Error) => void) {
    this.name = name;
    this.writeBatch = writeBatch;
    this.onFailure = onFailure;
  }

  /** Adds a record. @returns once it is written */
  add(record: QueuedRecord): Promise<void> {
    return new Promise((written) => {
      this.unwritten.push({ ...record, written });
      if (!this.retry) this.writing ??= this.write();
    });
  }

  /** Waits until every record is written, or a write has failed. */
  async flush(): Promise<void> {
    await this.writing;
    if (this.unwritten.length === 0) return;
    // Another caller may have started the next write.
    this.writing ??= this.write();
    await this.writing;
  }

  /** Writes the last records. @returns the records that could not be written */
  async stop(): Promise<string[]> {
    await this.flush();
    clearTimeout(this.retry);
    return this.unwritten.map(({ body }) => body);
  }

  private async write(): Promise<void> {
    // Waits a moment, so that a burst of records becomes a single write.
    await Promise.resolve();
    while (this.unwritten.length > 0) {
      const records = this.unwritten;
      this.unwritten = [];
      let written = 0;
      try {
        for (const batch of batches(records)) {
          await this.writeBatch(batch.map(({ id, body }) => ({ id, body })));
          written += batch.length;
          for (const record of batch) record.written();
        }
        clearTimeout(this.retry);
        this.retry = undefined;
      } catch (error) {
        this.unwritten = [...records.slice(written), ...this.unwritten];
        this.onUnwritable(error instanceof Error ? error : new Error(String(error)));
        break;
      }
    }
    this.writing = undefined;
  }

  private onUnwritable(error: Error): void {
    if (!this.retry) this.onFailure(error);
    clearTimeout(this.retry);
    this.retry = setTimeout(() => {
      this.writing ??= this.write();
    }, retryMs).unref();
  }
}

function* batches<Each extends QueuedRecord>(records: Each[]): Generator<Each[]> {
  let start = 0;
  let length = 0;
  for (const [index, record] of records.entries()) {
    length += record.body.length;
    if (length < batchLength) continue;
    yield records.slice(start, index + 1);
    start = index + 1;
    length = 0;
  }
  if (start < records.length) yield records.slice(start);
}
