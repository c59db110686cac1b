export interface InvocationLinesOptions {
  /** Told of lines that waited too long, or are too many to wait. */
  overdue(functionName: string, requestId: string, lines: string[]): void;
  /** How long lines wait for what they belong to. @default two seconds */
  patienceMs?: number;
  /** How many lines of an invocation may wait. @default 1000 */
  most?: number;
}

/** The lines of invocations that are under way, kept until it is told what became of them. */
export class LogBuffer {
  private readonly options: Required<InvocationLinesOptions>;
  private readonly waiting = new Map<string, { lines: string[]; timer: NodeJS.Timeout }>();

  constructor({ overdue, patienceMs = 2000, most = 1000 }: InvocationLinesOptions) {
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

  /** The lines of an invocation, which are kept no longer. */
  take(requestId: string | undefined): string[] {
    const { lines, timer } = this.waiting.get(requestId ?? '') ?? { lines: [] };
    clearTimeout(timer);
    this.waiting.delete(requestId ?? '');
    return lines;
  }
}
