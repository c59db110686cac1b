import type { Readable } from 'node:stream';

/** Largest log event that CloudWatch takes (docs: cloudwatch_limits); a longer line is cut into several. */
const maxLineLength = 1_048_576;

/** A NUL and a request id, at the end of a line: what a function writes itself is hardly like that. */
const endMark = /\0([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/u;

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
    const mayHaveMarks = rest.includes('\0');
    let start = 0;
    for (let stop = rest.indexOf('\n'); stop >= 0; stop = rest.indexOf('\n', start)) {
      const written = rest.slice(start, stop);
      const [mark, requestId] = (mayHaveMarks && endMark.exec(written)) || [];
      if (requestId === undefined) {
        line(written);
      } else {
        if (mark && mark.length < written.length) line(written.slice(0, -mark.length));
        end(requestId);
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
