import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Bytes, about, that are written at a time: a disk may have room for some of the messages. */
const batchLength = 1_000_000;
/** How long a file that cannot be written is left alone. */
const retryMs = 1000;

/**
 * A queue on this machine: a file of JSON lines, one for each message. Where it cannot be written, the messages
 * are kept in memory until it can.
 */
export class DestinationFile {
  readonly path: string;
  private readonly onFailure: (error: Error) => void;
  private unwritten: string[] = [];
  private writing: Promise<void> | undefined;
  private retry: NodeJS.Timeout | undefined;

  /** @param onFailure told once when the file cannot be written any more */
  constructor(path: string, onFailure: (error: Error) => void) {
    this.path = path;
    this.onFailure = onFailure;
  }

  /** How many messages wait there. */
  async count(): Promise<number> {
    const text = await readFile(this.path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    return text.split('\n').filter(Boolean).length;
  }

  /** Adds a message. It is written soon; `flush` waits for that. */
  add(message: string): void {
    this.unwritten.push(message);
    if (!this.retry) this.writing ??= this.write();
  }

  /** Waits until every message is written, or cannot be. */
  async flush(): Promise<void> {
    await this.writing;
    if (this.unwritten.length === 0) return;
    // There is one who writes at a time: the next may have begun.
    this.writing ??= this.write();
    await this.writing;
  }

  /** Writes what it can, for the last time. @returns the messages that could not be written */
  async stop(): Promise<string[]> {
    await this.flush();
    clearTimeout(this.retry);
    return this.unwritten;
  }

  private async write(): Promise<void> {
    // Not at once, so that a burst of messages becomes a single write.
    await Promise.resolve();
    while (this.unwritten.length > 0) {
      const messages = this.unwritten;
      this.unwritten = [];
      let written = 0;
      try {
        for (const batch of batches(messages)) {
          await appendLines(this.path, batch);
          written += batch.length;
        }
        clearTimeout(this.retry);
        this.retry = undefined;
      } catch (error) {
        this.unwritten = [...messages.slice(written), ...this.unwritten];
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

function* batches(messages: string[]): Generator<string[]> {
  let start = 0;
  let length = 0;
  for (const [index, message] of messages.entries()) {
    length += message.length;
    if (length < batchLength) continue;
    yield messages.slice(start, index + 1);
    start = index + 1;
    length = 0;
  }
  if (start < messages.length) yield messages.slice(start);
}

/** Appends all of the lines, or none. */
async function appendLines(path: string, lines: string[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'a+');
  try {
    const { size } = await file.stat();
    // What a crash has cut short does not become the start of a line.
    const start = (await lacksFinalNewline(file, size)) ? '\n' : '';
    try {
      await file.appendFile(start + lines.map((line) => `${line}\n`).join(''));
    } catch (error) {
      // On a full disk half of it may be there. What cannot be cut off either is dealt with by the next write.
      await file.truncate(size).catch(() => {});
      throw error;
    }
  } finally {
    await file.close();
  }
}

async function lacksFinalNewline(file: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return false;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] !== 10;
}
