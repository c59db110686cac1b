import type { FunctionProcess } from './function-process.ts';
import type { Invocation, InvocationReport, InvocationResult } from './invocation.ts';

/** What the runtime client posted for an invocation, or what Lambda responds in its place. */
export interface RuntimeResponse {
  payload: Buffer;
  failed: boolean;
}

/** An invocation in an execution environment, from its start to its result. */
export class RunningInvocation {
  readonly invocation: Invocation;
  /** What the runtime client has posted so far. */
  response: RuntimeResponse | undefined;
  /** Whether the connection broke in the middle of its response. */
  isBroken = false;
  private readonly initMs: number | undefined;
  private readonly startedAt = performance.now();
  private readonly lines: string[] = [];
  private readonly ended = Promise.withResolvers<InvocationResult>();

  /** @param initMs how long the initialisation took, if this is the first invocation of its environment */
  constructor(invocation: Invocation, initMs: number | undefined) {
    this.invocation = invocation;
    this.initMs = initMs;
  }

  get result(): Promise<InvocationResult> {
    return this.ended.promise;
  }

  /** Returns what the runtime client gets with the event (docs: runtimes-api). */
  headers(timeoutMs: number): Record<string, string> {
    const { target, requestId, traceId, clientContext } = this.invocation;
    return {
      'lambda-runtime-aws-request-id': requestId,
      'lambda-runtime-deadline-ms': String(Date.now() + timeoutMs),
      'lambda-runtime-invoked-function-arn': target.arn,
      ...(traceId && { 'lambda-runtime-trace-id': traceId }),
      ...(clientContext && { 'lambda-runtime-client-context': clientContext }),
    };
  }

  addLine(line: string): void {
    if (this.invocation.wantsReport) this.lines.push(line);
  }

  /** Settles the result. @param process whose memory the report states */
  end(response: RuntimeResponse, status: InvocationReport['status'], process: FunctionProcess | undefined): void {
    const { invocation, initMs, lines } = this;
    const report = invocation.wantsReport && {
      durationMs: performance.now() - this.startedAt,
      initMs,
      maxMemoryMb: process?.peakMb() ?? 0,
      status,
      lines,
    };
    this.ended.resolve({ ...response, cold: initMs !== undefined, ...(report && { report }) });
  }
}
