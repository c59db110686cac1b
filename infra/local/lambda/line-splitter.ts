import { StringDecoder } from 'node:string_decoder';

/** The largest log event of CloudWatch (docs: cloudwatch_limits). A longer line becomes several. */
export const maxLineLength = 1_048_576;

/** Splits output into lines. */
export class LineSplitter {
  private readonly report: (line: string) => void;
  private readonly decoder = new StringDecoder('utf8');
  /** The unfinished line. */
  private rest = '';

  constructor(report: (line: string) => void) {
    this.report = report;
  }

  write(bytes: Buffer): void {
    const written = this.rest + this.decoder.write(bytes);
    let start = 0;
    for (let end = written.indexOf('\n'); end >= 0; end = written.indexOf('\n', start)) {
      this.report(written.slice(start, end));
      start = end + 1;
    }
    this.rest = written.slice(start);
    if (this.rest.length > maxLineLength) this.endLine();
  }

  /** Reports the unfinished line as a line. */
  endLine(): void {
    if (this.rest) this.report(this.rest);
    this.rest = '';
  }
}
