/** A word of the command line or an environment variable that cannot be used; the message says what to write. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What `parseArgs` throws for a command line that it cannot read is a usage error too. */
export function isUsageError(error: Error): boolean {
  return error instanceof UsageError || ('code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_'));
}

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
