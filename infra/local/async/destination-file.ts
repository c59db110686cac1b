import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';

/** About how many bytes are written at a time: the disk may have room for some of the messages. */
const batchLength = 1_000_000;
/** How long to wait before a failed write is repeated. */
const retryMs = 1000;
const newline = 10;

interface Message {
  text: string;
  /** Called when it is written. */
  written(): void;
}

/** A local queue: a file with one message a line. While the file cannot be written, messages stay in memory. */
export class DestinationFile {
  readonly path: string;
  private readonly onFailure: (error: Error) => void;
  private unwritten: Message[] = [];
  private writing: Promise<void> | undefined;
  private retry: NodeJS.Timeout | undefined;

  /** @param onFailure called when a write fails, but not again until a write has succeeded */
  constructor(path: string, onFailure: (error: Error) => void) {
    this.path = path;
    this.onFailure = onFailure;
  }

  /** Counts the messages in the file, which may be larger than memory. */
  async count(): Promise<number> {
    let count = 0;
    let previous = newline;
    try {
      for await (const chunk of createReadStream(this.path)) {
        for (const byte of Buffer.from(chunk)) {
          if (byte === newline && previous !== newline) count++;
          previous = byte;
        }
      }
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    // A crash may have cut off the last line.
    return previous === newline ? count : count + 1;
  }

  /** Returns whether a line of the file contains a text. */
  async has(text: string): Promise<boolean> {
    const end = text.length - 1;
    let before = '';
    try {
      for await (const chunk of createReadStream(this.path, 'latin1')) {
        if ((before + chunk).includes(text)) return true;
        before = (before + chunk).slice(-end);
      }
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    return false;
  }

  /** Adds a message. @returns once it is written */
  add(text: string): Promise<void> {
    return new Promise((written) => {
      this.unwritten.push({ text, written });
      if (!this.retry) this.writing ??= this.write();
    });
  }

  /** Waits until every message is written, or a write has failed. */
  async flush(): Promise<void> {
    await this.writing;
    if (this.unwritten.length === 0) return;
    // Another caller may have started the next write.
    this.writing ??= this.write();
    await this.writing;
  }

  /** Writes the last messages. @returns the messages that could not be written */
  async stop(): Promise<string[]> {
    await this.flush();
    clearTimeout(this.retry);
    return this.unwritten.map(({ text }) => text);
  }

  private async write(): Promise<void> {
    // Waits a moment, so that a burst of messages becomes a single write.
    await Promise.resolve();
    while (this.unwritten.length > 0) {
      const messages = this.unwritten;
      this.unwritten = [];
      let written = 0;
      try {
        for (const batch of batches(messages)) {
          await appendLines(
            this.path,
            batch.map(({ text }) => text),
          );
          written += batch.length;
          for (const message of batch) message.written();
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

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function* batches(messages: Message[]): Generator<Message[]> {
  let start = 0;
  let length = 0;
  for (const [index, message] of messages.entries()) {
    length += message.text.length;
    if (length < batchLength) continue;
    yield messages.slice(start, index + 1);
    start = index + 1;
    length = 0;
  }
  if (start < messages.length) yield messages.slice(start);
}

/** Appends all of the lines, or none of them. */
async function appendLines(path: string, lines: string[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  // Records are personal data.
  const file = await open(path, 'a+', 0o600);
  try {
    const { size } = await file.stat();
    // A crash may have left a partial line. Ends it, so that the next message has a line of its own.
    const start = (await lacksFinalNewline(file, size)) ? '\n' : '';
    try {
      await file.appendFile(start + lines.map((line) => `${line}\n`).join(''));
    } catch (error) {
      // A full disk may have taken a part. If that cannot be cut off either, the next write ends its line.
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
  return buffer[0] !== newline;
}
