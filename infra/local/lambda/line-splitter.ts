import type { Readable } from 'node:stream';

/** The largest log event of CloudWatch (docs: cloudwatch_limits). A longer line becomes several. */
const maxLineLength = 1_048_576;

/** Splits the output of a process into lines. */
export class LineSplitter {
  private readonly report: (line: string) => void;
  /** The unfinished line. */
  private rest = '';

  constructor(output: Readable, report: (line: string) => void) {
    this.report = report;
    output.setEncoding('utf8');
    output.on('data', (text: string) => this.read(text));
    output.on('end', () => this.endLine());
  }

  /** Reports the unfinished line as a line. */
  endLine(): void {
    if (this.rest) this.report(this.rest);
    this.rest = '';
  }

  private read(text: string): void {
    const written = this.rest + text;
    let start = 0;
    for (let end = written.indexOf('\n'); end >= 0; end = written.indexOf('\n', start)) {
      this.report(written.slice(start, end));
      start = end + 1;
    }
    this.rest = written.slice(start);
    if (this.rest.length > maxLineLength) this.endLine();
  }
}
