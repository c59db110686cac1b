export interface LogBufferOptions {
  /** Receives the lines of an invocation that runs for long or writes many. */
  overdue(functionName: string, requestId: string, lines: string[]): void;
  /** How long lines are kept. @default two seconds */
  patienceMs?: number;
  /** How many lines of an invocation are kept. @default 1000 */
  most?: number;
}

/** Keeps the log lines of invocations in flight, until the invocation ends. */
export class LogBuffer {
  private readonly options: Required<LogBufferOptions>;
  private readonly waiting = new Map<string, { lines: string[]; timer: NodeJS.Timeout }>();

  constructor({ overdue, patienceMs = 2000, most = 1000 }: LogBufferOptions) {
    this.options = { overdue, patienceMs, most };
  }

  /** Keeps a line. */
  add(functionName: string, requestId: string, line: string): void {
    const { overdue, patienceMs, most } = this.options;
    const giveUp = () => overdue(functionName, requestId, this.take(requestId));
    const { lines, timer } = this.waiting.get(requestId) ?? {
      lines: [],
      timer: setTimeout(giveUp, patienceMs).unref(),
    };
    this.waiting.set(requestId, { lines, timer });
    lines.push(line);
    if (lines.length >= most) giveUp();
  }

  /** Returns the lines of an invocation, and forgets them. */
  take(requestId: string | undefined): string[] {
    const { lines, timer } = this.waiting.get(requestId ?? '') ?? { lines: [] };
    clearTimeout(timer);
    this.waiting.delete(requestId ?? '');
    return lines;
  }
}
