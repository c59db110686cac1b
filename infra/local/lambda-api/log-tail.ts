import type { InvokeTarget } from '../cloud-assembly/stack-model.ts';
import type { InvocationReport } from '../lambda/invocation.ts';

const tailBytes = 4096;

/**
 * Returns the last 4 KB of an invocation's log in base64, for the header X-Amz-Log-Result: the function's lines
 * between Lambda's own, in the log format of the function (docs: monitoring-cloudwatchlogs).
 */
export function logTail(target: InvokeTarget, requestId: string, report: InvocationReport): string {
  const linesOf = target.function.logFormat === 'JSON' ? jsonLines : textLines;
  const lines = linesOf(target, requestId, report);
  return Buffer.from(lines.map((line) => `${line}\n`).join(''))
    .subarray(-tailBytes)
    .toString('base64');
}

function textLines({ function: fn, version }: InvokeTarget, requestId: string, report: InvocationReport): string[] {
  const { memoryMb, timeoutMs } = fn;
  const { durationMs, initMs, maxMemoryMb, status, lines } = report;
  const fields = [
    `REPORT RequestId: ${requestId}`,
    `Duration: ${durationMs.toFixed(2)} ms`,
    `Billed Duration: ${billedMs(report)} ms`,
    `Memory Size: ${memoryMb} MB`,
    `Max Memory Used: ${maxMemoryMb} MB`,
    ...(initMs === undefined ? [] : [`Init Duration: ${initMs.toFixed(2)} ms`]),
    ...(status === 'success' ? [] : [`Status: ${status}`]),
  ];
  const timedOut = `${new Date().toISOString()} ${requestId} Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`;
  return [
    `START RequestId: ${requestId} Version: ${version}`,
    ...lines,
    ...(status === 'timeout' ? [timedOut] : []),
    `END RequestId: ${requestId}`,
    `${fields.join('\t')}\t`,
  ];
}

function jsonLines({ function: fn, version }: InvokeTarget, requestId: string, report: InvocationReport): string[] {
  const { durationMs, initMs, maxMemoryMb, status, lines } = report;
  const now = Date.now();
  const platform = (type: string, at: number, record: object) =>
    JSON.stringify({ time: new Date(at).toISOString(), type: `platform.${type}`, record });
  return [
    platform('start', now - durationMs, { requestId, version }),
    ...lines,
    platform('report', now, {
      requestId,
      metrics: {
        durationMs: round(durationMs),
        billedDurationMs: billedMs(report),
        memorySizeMB: fn.memoryMb,
        maxMemoryUsedMB: maxMemoryMb,
        ...(initMs !== undefined && { initDurationMs: round(initMs) }),
      },
      status,
    }),
  ];
}

/** Returns the billed duration. AWS bills initialisation since August 2025 (PLATFORM_FACTS 4). */
function billedMs({ durationMs, initMs = 0 }: InvocationReport): number {
  return Math.ceil(durationMs + initMs);
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
