/** The longest delay of a timer. Browsers and Node run a timer with a longer one at once. */
export const maxTimerMs = 2 ** 31 - 1;

/** A call in flight: all its attempts, the delays between them, and the reading of the response. */
export interface Call {
  /** Aborts when the caller gives up or the time is over. */
  readonly signal: AbortSignal;
  /** When the time is over, on the clock of `performance.now()`. */
  readonly deadline: number;
}

/**
 * Runs a call until it settles, the caller's signal aborts, or the time is over. Leaves no timer and no listener
 * behind. `AbortSignal.any` and `AbortSignal.timeout` would do, but Safari before 17.4 lacks the first, and Node 20
 * collects their signals as garbage while a call waits on them.
 * @param timeoutMs the most it may take in milliseconds; Infinity for no limit
 * @throws the reason of the caller's signal, or a `DOMException` named `TimeoutError`
 */
export async function runCall<T>(
  callerSignal: AbortSignal | null | undefined,
  timeoutMs: number,
  run: (call: Call) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const { signal } = controller;
  const deadline = performance.now() + timeoutMs;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const abort = () => controller.abort(callerSignal?.reason);
  const watchDeadline = () => {
    const leftMs = deadline - performance.now();
    if (leftMs > 0) timer = setTimeout(watchDeadline, Math.min(leftMs, maxTimerMs));
    else controller.abort(new DOMException(`The call took longer than ${timeoutMs} ms.`, 'TimeoutError'));
  };
  try {
    if (callerSignal?.aborted) abort();
    else callerSignal?.addEventListener('abort', abort);
    watchDeadline();
    // A `fetch` that ignores the signal must not outlast it.
    return await new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      signal.addEventListener('abort', () => reject(signal.reason));
      run({ signal, deadline }).then(resolve, reject);
    });
  } finally {
    clearTimeout(timer);
    callerSignal?.removeEventListener('abort', abort);
  }
}
