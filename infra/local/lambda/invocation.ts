import type { InvokeTarget } from '../cloud-assembly/stack-model.ts';

/** One event for a function. */
export interface Invocation {
  target: InvokeTarget;
  requestId: string;
  /** JSON. */
  payload: Buffer | string;
  /** The value of the header X-Amzn-Trace-Id. */
  traceId?: string | undefined;
  /** JSON, for `context.clientContext`. */
  clientContext?: string | undefined;
  /** Whether the result includes a report. @default false */
  wantsReport?: boolean;
}

/** The outcome of an invocation. */
export interface InvocationResult {
  /** The handler's return value as JSON, or anything if it streams. If the invocation failed, the error in Lambda's shape. */
  payload: Buffer;
  /** Whether Lambda would set X-Amz-Function-Error. */
  failed: boolean;
  /** Whether it was the first invocation of its environment. */
  cold: boolean;
  /** Absent if the invocation did not ask for it, or if the process could not be started. */
  report?: InvocationReport | undefined;
}

/** What Lambda logs about an invocation in its REPORT line. */
export interface InvocationReport {
  durationMs: number;
  /** How long the initialisation took; undefined unless this was the first invocation of its environment. */
  initMs: number | undefined;
  /** The peak memory of the process so far; 0 if the system does not say. */
  maxMemoryMb: number;
  status: 'success' | 'error' | 'timeout';
  /** The lines that the function wrote. */
  lines: string[];
}
