import type { Readable } from 'node:stream';
import { LineSplitter, maxLineLength } from '../line-splitter.ts';
import { frameMark, headerLength, rawTypes } from './telemetry.cjs';

/**
 * Reads the telemetry pipe of a function's process (telemetry.cjs). A frame of the runtime client is one log event, even
 * if it has several lines. Raw output becomes an event for each line.
 */
export class TelemetryReader {
  private readonly report: (line: string) => void;
  private readonly stdout: LineSplitter;
  private readonly stderr: LineSplitter;
  private chunks: Buffer[] = [];
  private received = 0;
  /** How many bytes it takes to go on: a header, or a whole frame. */
  private needed = headerLength;

  constructor(pipe: Readable, report: (line: string) => void) {
    this.report = report;
    this.stdout = new LineSplitter(report);
    this.stderr = new LineSplitter(report);
    pipe.on('data', (chunk: Buffer) => this.read(chunk));
    pipe.on('close', () => {
      // A process that was killed while it wrote a frame: the part of its message that arrived.
      if (this.received > headerLength) this.onFrame(Buffer.concat(this.chunks));
      this.endLine();
    });
  }

  /** Reports unfinished lines as lines. */
  endLine(): void {
    this.stdout.endLine();
    this.stderr.endLine();
  }

  private read(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.received += chunk.length;
    if (this.received < this.needed) return;
    let buffer = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks);
    while (buffer.length >= this.needed) {
      if (buffer[0] !== frameMark) {
        // The function itself wrote to the pipe. Nothing is lost, but the frames cannot be separated any more.
        this.stdout.write(buffer);
        buffer = buffer.subarray(buffer.length);
        break;
      }
      this.needed = headerLength + buffer.readUInt32BE(4);
      if (buffer.length < this.needed) break;
      this.onFrame(buffer.subarray(0, this.needed));
      buffer = buffer.subarray(this.needed);
      this.needed = headerLength;
    }
    this.chunks = buffer.length > 0 ? [buffer] : [];
    this.received = buffer.length;
  }

  private onFrame(frame: Buffer): void {
    const type = frame.readUInt32BE(0);
    const message = frame.subarray(headerLength);
    if (type === rawTypes.stdout) this.stdout.write(message);
    else if (type === rawTypes.stderr) this.stderr.write(message);
    else this.reportEvent(message.toString().replace(/\n$/, ''));
  }

  private reportEvent(event: string): void {
    // An empty line is an event too.
    this.report(event.slice(0, maxLineLength));
    for (let start = maxLineLength; start < event.length; start += maxLineLength) {
      this.report(event.slice(start, start + maxLineLength));
    }
  }
}
