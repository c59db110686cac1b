import { constants, openSync, writeSync } from 'node:fs';
import { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

/** How many bytes wait for a reader, at most. */
const defaultLimit = 4 * 1024 * 1024;
const retryMs = 50;

/**
 * Prints lines without waiting for a reader: a pipe may be paused, and Ctrl-S stops a terminal. What exceeds a limit
 * is dropped and counted.
 */
export class LineOutput {
  private readonly stream: Writable;
  private readonly limit: number;
  private dropped = 0;

  /**
   * @param onDropped receives the number of lines that were dropped, once there is room again
   * @param limit how many bytes wait at most
   */
  constructor(stream: Writable, onDropped: (lines: number) => void, limit = defaultLimit) {
    this.stream = stream;
    this.limit = limit;
    stream.on('drain', () => {
      const { dropped } = this;
      this.dropped = 0;
      if (dropped > 0) onDropped(dropped);
    });
  }

  print(line: string): void {
    const isFull = this.stream.writableLength + line.length > this.limit && this.stream.writableLength > 0;
    // Once a line was dropped, all are until there is room for many: no gap looks like the whole.
    if (this.dropped > 0 || isFull) this.dropped++;
    else this.stream.write(`${line}\n`);
  }

  /** Waits until everything is printed, or for as long as a reader may reasonably take. */
  async flush(patienceMs = 1000): Promise<void> {
    await Promise.race([new Promise((resolve) => this.stream.write('', resolve)), delay(patienceMs)]);
  }

  /** Prints a line that must not be dropped: waits for room first, for as long as a reader may reasonably take. */
  async printAndFlush(line: string): Promise<void> {
    this.stream.write(`${line}\n`);
    if (this.stream.writableLength > 0) await this.flush();
  }
}

/**
 * Returns a stream that writes to standard output or error and never blocks this process. Node's own stream blocks on
 * a terminal (Node docs: "A note on process I/O").
 */
export function nonBlocking(stream: NodeJS.WriteStream & { fd: number }): Writable {
  if (!stream.isTTY) return stream;
  try {
    // Opened again, the flag is ours alone: it is not set for npm and the shell, which share the terminal.
    const path = process.platform === 'linux' ? `/proc/self/fd/${stream.fd}` : '/dev/tty';
    return new TerminalOutput(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY));
  } catch {
    return stream;
  }
}

/** A terminal that is opened without blocking. Node has no event for when it can be written again. */
class TerminalOutput extends Writable {
  private readonly fd: number;

  constructor(fd: number) {
    super();
    this.fd = fd;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    try {
      const written = writeSync(this.fd, chunk);
      if (written === chunk.length) done();
      else this._write(chunk.subarray(written), 'utf8', done);
    } catch (error) {
      const isFull = error instanceof Error && 'code' in error && error.code === 'EAGAIN';
      if (isFull) setTimeout(() => this._write(chunk, 'utf8', done), retryMs).unref();
      else done(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
