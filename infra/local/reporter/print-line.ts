/** Prints a line, by half the work of `console.log`, which tells a debugger too. */
export function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}
