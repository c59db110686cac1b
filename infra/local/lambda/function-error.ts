/** The errors that Lambda itself reports for a function, as the payload of an invocation. */

/** Go's names for the signals that end a runtime: Lambda is written in Go. */
const signalNames: Partial<Record<NodeJS.Signals, string>> = {
  SIGABRT: 'aborted',
  SIGKILL: 'killed',
  SIGSEGV: 'segmentation fault',
  SIGTERM: 'terminated',
};

/** Returns the error of an invocation that exceeded the function's timeout. */
export function timedOut(requestId: string, timeoutMs: number): Buffer {
  return payload(
    'Sandbox.Timedout',
    `RequestId: ${requestId} Error: Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`,
  );
}

/** Returns the error of an invocation whose process exited before it responded. */
export function exited(requestId: string, code: number | null, signal: NodeJS.Signals | null): Buffer {
  const reason = signal
    ? `exited with error: signal: ${signalNames[signal] ?? signal}`
    : code === 0
      ? 'exited without providing a reason'
      : `exited with error: exit status ${code}`;
  return payload('Runtime.ExitError', `RequestId: ${requestId} Error: Runtime ${reason}`);
}

/** Returns the error of a result that is too large. @param limit in bytes */
export function responseTooLarge(limit: number): Buffer {
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${limit} bytes).`;
  // In the order of Lambda (PLATFORM_FACTS 3.2).
  return Buffer.from(JSON.stringify({ errorMessage, errorType: 'Function.ResponseSizeTooLarge' }));
}

/** Returns the error of a streamed response that broke off (RIE: fatalerror.TruncatedResponse; its message is ours (?)). */
export function truncated(requestId: string): Buffer {
  return payload('Runtime.TruncatedResponse', `RequestId: ${requestId} Error: Response body is truncated`);
}

/** Returns the type and the message of a function error, for example `RangeError: boom`. */
export function failureOf(functionError: Buffer): string {
  const text = functionError.toString();
  const value = parse(text);
  // A runtime client may post anything as an error.
  if (typeof value !== 'object' || value === null) return text;
  const { errorType = '', errorMessage = '' }: { errorType?: unknown; errorMessage?: unknown } = value;
  return `${errorType}: ${errorMessage}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function payload(errorType: string, errorMessage: string): Buffer {
  return Buffer.from(JSON.stringify({ errorType, errorMessage }));
}
