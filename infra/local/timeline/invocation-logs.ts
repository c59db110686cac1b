import type { LogLines } from './entry.ts';

/** The most of the log of an invocation that is kept. */
const mostLines = 1000;
const mostLength = 256 * 1024;
/** The most invocations whose lines wait for their entry, and the most UTF-16 units in them. */
const mostInvocations = 1000;
const mostWaiting = 4 * 1024 * 1024;

/** Adds a line. @returns by how many UTF-16 units the log has grown: 0 where it is full */
export function addLine(log: LogLines, line: string): number {
  if (log.lines.length >= mostLines || log.length + line.length > mostLength) {
    log.omitted++;
    return 0;
  }
  log.lines.push(line);
  log.length += line.length;
  return line.length;
}

/** The log lines of invocations that have no entry yet: they are written before the response of a request is sent. */
export class InvocationLogs {
  private readonly waiting = new Map<string, LogLines>();
  private length = 0;

  /** Keeps a line until `take`. Drops the oldest logs if there are too many. */
  add(requestId: string, line: string): void {
    let log = this.waiting.get(requestId);
    if (!log) {
      log = { lines: [], length: 0, omitted: 0 };
      this.waiting.set(requestId, log);
    }
    this.length += addLine(log, line);
    if (this.waiting.size <= mostInvocations && this.length <= mostWaiting) return;
    for (const oldest of this.waiting.keys()) {
      this.take(oldest);
      break;
    }
  }

  /** Returns the lines of an invocation, and forgets them. */
  take(requestId: string | undefined): LogLines {
    const log = requestId === undefined ? undefined : this.waiting.get(requestId);
    if (!log || requestId === undefined) return { lines: [], length: 0, omitted: 0 };
    this.waiting.delete(requestId);
    this.length -= log.length;
    return log;
  }
}
