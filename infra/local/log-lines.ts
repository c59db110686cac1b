import type { Readable } from 'node:stream';

/** Largest log event that CloudWatch takes (docs: cloudwatch_limits); a longer line is cut into several. */
const maxLineLength = 1_048_576;

interface Receivers {
  line: (line: string) => void;
  /** An invocation has answered, and its last line has been given. See native-client.cjs. */
  end?: (requestId: string) => void;
}

/** Cuts what a process writes into lines, and finds the marks between them that end an invocation. */
export function readLogLines(output: Readable, { line, end = () => {} }: Receivers): void {
  let rest = '';
  output.setEncoding('utf8');
  output.on('data', (text: string) => {
    rest += text;
    let start = 0;
    for (let stop = rest.indexOf('\n'); stop >= 0; stop = rest.indexOf('\n', start)) {
      const mark = rest.indexOf('\0', start);
      if (mark < 0 || mark > stop) {
        line(rest.slice(start, stop));
      } else {
        if (mark > start) line(rest.slice(start, mark));
        end(rest.slice(mark + 1, stop));
      }
      start = stop + 1;
    }
    rest = rest.slice(start);
    if (rest.length > maxLineLength) {
      line(rest);
      rest = '';
    }
  });
  output.on('end', () => {
    if (rest) line(rest);
  });
}
