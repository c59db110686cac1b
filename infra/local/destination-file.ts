import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A queue on this machine: a file of JSON lines, one for each message. */
export class DestinationFile {
  readonly path: string;
  private readonly onFailure: (error: Error) => void;
  private unwritten: string[] = [];
  private writing: Promise<void> | undefined;

  /** @param onFailure told of each write that fails; the messages are kept, and written with the next ones */
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
    this.writing ??= this.write();
  }

  /** Waits until every message is written. @returns those that could not be */
  async flush(): Promise<string[]> {
    await this.writing;
    if (this.unwritten.length > 0) await this.write();
    return this.unwritten;
  }

  private async write(): Promise<void> {
    // Not at once, so that a burst of messages becomes a single write.
    await Promise.resolve();
    while (this.unwritten.length > 0) {
      const batch = this.unwritten;
      this.unwritten = [];
      try {
        await mkdir(dirname(this.path), { recursive: true });
        await appendFile(this.path, batch.map((message) => `${message}\n`).join(''));
      } catch (error) {
        this.unwritten = [...batch, ...this.unwritten];
        this.onFailure(error instanceof Error ? error : new Error(String(error)));
        break;
      }
    }
    this.writing = undefined;
  }
}
