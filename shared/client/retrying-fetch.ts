import { type Call, maxTimerMs } from './call.ts';
import { retryAfterMs } from './retry-after.ts';

export interface RetryOptions {
  /** How often to retry after a 429 or 503. @default 3 */
  retries?: number;
  /**
   * How long a call may take in milliseconds, including retries and the delays between them. Infinity for no limit.
   * @default 30_000
   */
  timeoutMs?: number;
  /** Sends one request. `init` repeats what the request has. @default the global `fetch` */
  fetch?: (request: Request, init: { signal: AbortSignal; headers: Record<string, string> }) => Promise<Response>;
}

/** The same request may succeed later. */
const retryable = [429, 503];

const firstDelayMs = 250;
const maxBackoffMs = 20_000;

/**
 * Sends a request, and sends it again after 429 and 503. The delay is that of `Retry-After` but at least 250 ms, 500 ms
 * and so on, with jitter. Does not retry other statuses or network errors. Returns the response that it has if the next
 * attempt would start after the deadline of the call.
 */
export async function fetchWithRetries(
  request: Request,
  { signal, deadline }: Call,
  { retries, fetch }: Required<Pick<RetryOptions, 'retries' | 'fetch'>>,
): Promise<Response> {
  for (let attempt = 0; ; attempt++) {
    // Tracing libraries replace the global fetch. Some pass on the request alone, others replace its headers by init's.
    const response = await fetch(request.clone(), { signal, headers: Object.fromEntries(request.headers) });
    if (attempt >= retries || !retryable.includes(response.status)) return response;
    const delayMs = Math.max(retryAfterMs(response.headers.get('retry-after')), backoffMs(attempt));
    if (delayMs > maxTimerMs || performance.now() + delayMs >= deadline) return response;
    // Rejects if the fetch has read the body; may never settle if it has a copy of it.
    response.body?.cancel().catch(() => {});
    await delay(delayMs, signal);
  }
}

/** Returns 50 to 100 % of the exponential delay, so that clients throttled together do not retry together. */
function backoffMs(attempt: number): number {
  return Math.min(firstDelayMs * 2 ** attempt, maxBackoffMs) * (1 - Math.random() / 2);
}

function delay(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    }, delayMs);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
