/** Errors that Lambda itself reports for a function, in the shape of an invocation's payload. */

/** What Go, in which Lambda is written, calls the signals that end a runtime. */
const signalNames: Partial<Record<NodeJS.Signals, string>> = {
  SIGABRT: 'aborted',
  SIGKILL: 'killed',
  SIGSEGV: 'segmentation fault',
  SIGTERM: 'terminated',
};

/** The invocation took longer than the function may. */
export function timedOut(requestId: string, timeoutMs: number): Buffer {
  return payload(
    'Sandbox.Timedout',
    `RequestId: ${requestId} Error: Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`,
  );
}

/** The process ended before it had answered. */
export function exited(requestId: string, code: number | null, signal: NodeJS.Signals | null): Buffer {
  const reason = signal
    ? `exited with error: signal: ${signalNames[signal] ?? signal}`
    : code === 0
      ? 'exited without providing a reason'
      : `exited with error: exit status ${code}`;
  return payload('Runtime.ExitError', `RequestId: ${requestId} Error: Runtime ${reason}`);
}

/** The result is larger than Lambda returns. @param limit in bytes */
export function responseTooLarge(limit: number): Buffer {
  return payload(
    'Function.ResponseSizeTooLarge',
    `Response payload size exceeded maximum allowed payload size (${limit} bytes).`,
  );
}

/** What a function failed with, in a line: the type and the message of its payload. */
export function failureOf(functionError: Buffer): string {
  const { errorType, errorMessage } = { errorType: '', errorMessage: '', ...JSON.parse(functionError.toString()) };
  return `${errorType}: ${errorMessage}`;
}

function payload(errorType: string, errorMessage: string): Buffer {
  return Buffer.from(JSON.stringify({ errorType, errorMessage }));
}
