const parentCheckMs = 500;

/**
 * Calls back once, on the first signal, or when npm or whoever read the output is gone. A second signal ends the process at once.
 * @param stop told why
 */
export function shutDownGracefully(stop: (reason: string) => Promise<void>): void {
  let isTold = false;
  const tell = (reason: string) => {
    // The exit listener ends what is left.
    if (isTold) process.exit(130);
    isTold = true;
    stop(reason);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, tell);
  // A terminal that is closed, or a program behind a pipe that has ended. What stopping prints may fail likewise.
  for (const output of [process.stdout, process.stderr]) {
    output.on('error', () => {
      if (!isTold) tell('nobody reads this');
    });
  }
  // npm passes SIGTERM on to nobody: that it is gone has to be noticed.
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    tell('npm is gone');
  }, parentCheckMs).unref();
}
