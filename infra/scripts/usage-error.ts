/** A word of the command line or an environment variable that cannot be used; the message says what to write. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What `parseArgs` throws for a command line that it cannot read is a usage error too. */
export function isUsageError(error: Error): boolean {
  return error instanceof UsageError || ('code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_'));
}
