import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { jsonReporter } from '../reporter/json-reporter.ts';
import { LineOutput, nonBlocking } from '../reporter/line-output.ts';
import type { Report } from '../reporter/reporter.ts';
import { textReporter } from '../reporter/text-reporter.ts';
import type { ServeOptions } from './serve-options.ts';

/** Where the server prints. */
export interface ServedOutput {
  report: Report;
  /** Prints to standard error, and waits for its reader for a while. */
  printError(line: string): Promise<void>;
  /** Waits until everything is printed, or for as long as a reader may reasonably take. */
  flush(): Promise<void>;
  streams: Writable[];
}

/** Opens the output of the server, which never waits for a reader. The global console prints there too from now on. */
export function openOutput({ output, verbose }: Pick<ServeOptions, 'output' | 'verbose'>): ServedOutput {
  const [stdout, stderr] = [nonBlocking(process.stdout), nonBlocking(process.stderr)];
  const dropped = (lines: number) => report({ event: 'output-dropped', lines });
  const lines = new LineOutput(stdout, dropped);
  const errors = new LineOutput(stderr, dropped);
  const print = (line: string) => lines.print(line);
  const report = output === 'text' ? textReporter({ print, verbose }) : jsonReporter(print);
  globalThis.console = new Console({ stdout: streamTo(lines), stderr: streamTo(errors) });
  return {
    report,
    printError: (line) => errors.printAndFlush(line),
    flush: async () => {
      await Promise.all([lines.flush(), errors.flush()]);
    },
    streams: [stdout, stderr],
  };
}

function streamTo(output: LineOutput): Writable {
  return new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      output.print(String(chunk).replace(/\n$/, ''));
      done();
    },
  });
}
