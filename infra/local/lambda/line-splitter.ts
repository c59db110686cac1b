import type { Readable } from 'node:stream';

/** Largest log event that CloudWatch takes (docs: cloudwatch_limits); a longer line is cut into several. */
const maxLineLength = 1_048_576;

/** Cuts what a process writes into lines. */
export class LineSplitter {
  private readonly give: (line: string) => void;
  /** What came after the last end of a line. */
  private rest = '';

  constructor(output: Readable, give: (line: string) => void) {
    this.give = give;
    output.setEncoding('utf8');
    output.on('data', (text: string) => this.read(text));
    output.on('end', () => this.endLine());
  }

  /** Gives what came after the last end of a line, as if the line ended there. */
  endLine(): void {
    if (this.rest) this.give(this.rest);
    this.rest = '';
  }

  private read(text: string): void {
    const written = this.rest + text;
    let start = 0;
    for (let end = written.indexOf('\n'); end >= 0; end = written.indexOf('\n', start)) {
      this.give(written.slice(start, end));
      start = end + 1;
    }
    this.rest = written.slice(start);
    if (this.rest.length > maxLineLength) this.endLine();
  }
}
