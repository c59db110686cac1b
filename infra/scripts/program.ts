import { isUsageError } from './usage-error.ts';

/**
 * Runs a program of the command line. What cannot be used of how it was called is told with how it is used; any other
 * error is thrown.
 */
export async function runProgram(help: string, main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof Error) || !isUsageError(error)) throw error;
    console.error(`${error.message}\n\n${help}`);
    process.exitCode = 1;
  }
}
