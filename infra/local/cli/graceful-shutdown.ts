import type { Writable } from 'node:stream';

const parentCheckMs = 1000;
/** One act can send several signals: a terminal that closes, Ctrl-C, which npm passes on, or `kill` of a process group. */
const repeatAfterMs = 500;

export interface Shutdown {
  /** The process stops when one of them can no longer be written. */
  outputs: Writable[];
  /** Called once, with the reason, such as `SIGINT`. */
  stop(reason: string): void;
  /** Called once, when a person repeats the signal while the stop takes its time. */
  cutShort(reason: string): void;
}

/** Stops the process on a signal, when npm has ended, and when nobody can read its output any more. */
export function shutDownGracefully({ outputs, stop, cutShort }: Shutdown): void {
  let stoppedAt: number | undefined;
  let isCutShort = false;
  const begin = (reason: string) => {
    if (stoppedAt !== undefined) return;
    stoppedAt = performance.now();
    stop(reason);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      const isRepeated = stoppedAt !== undefined && performance.now() - stoppedAt >= repeatAfterMs;
      begin(signal);
      // A person repeats Ctrl-C or kill. SIGHUP comes from the system.
      if (!isRepeated || isCutShort || signal === 'SIGHUP') return;
      isCutShort = true;
      cutShort(signal);
    });
  }
  // The terminal is closed, or the program behind a pipe has ended. Printing while stopping can fail again.
  for (const output of outputs) output.on('error', () => begin('output closed'));
  // npm passes no SIGTERM on to its script. Its end shows in the id of the parent.
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    begin('npm ended');
  }, parentCheckMs).unref();
}
