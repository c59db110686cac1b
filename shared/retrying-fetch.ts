export interface RetryOptions {
  /** How often to retry after a 429 or 503. @default 3 */
  retries?: number;
  /** How long a call may take in milliseconds, including retries and the delays between them. @default 30_000 */
  timeoutMs?: number;
  /** Sends one request. @default the global `fetch` */
  fetch?: (request: Request, init: { signal: AbortSignal }) => Promise<Response>;
}

/** The same request may succeed later. */
const retryable = [429, 503];

const firstDelayMs = 250;

/**
 * Returns a `fetch` that retries after 429 and 503. The delay is that of `Retry-After`, or else 250 ms, 500 ms and so
 * on, with jitter. It does not retry other statuses or network errors. If the next attempt would start after the
 * timeout, it returns the response that it has.
 */
export function retryingFetch({
  retries = 3,
  timeoutMs = 30_000,
  fetch = (request, init) => globalThis.fetch(request, init),
}: RetryOptions = {}): (request: Request) => Promise<Response> {
  return async function fetchWithRetries(request) {
    const deadline = performance.now() + timeoutMs;
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)]);
    for (let attempt = 0; ; attempt++) {
      const response = await fetch(request.clone(), { signal });
      if (attempt >= retries || !retryable.includes(response.status)) return response;
      const delayMs = retryAfterMs(response.headers.get('retry-after')) ?? backoffMs(attempt);
      if (performance.now() + delayMs >= deadline) return response;
      await response.body?.cancel();
      await delay(delayMs, signal);
    }
  };
}

/** Returns 50 to 100 % of the exponential delay, so that clients throttled together do not retry together. */
function backoffMs(attempt: number): number {
  return firstDelayMs * 2 ** attempt * (1 - Math.random() / 2);
}

/** Returns the milliseconds of a `Retry-After` header: seconds or a date (RFC 9110, 10.2.3), else undefined. */
function retryAfterMs(retryAfter: string | null): number | undefined {
  if (retryAfter === null) return undefined;
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter) * 1000;
  // Date.parse accepts -1 and 1.5 as dates.
  const date = /[a-z]/i.test(retryAfter) ? Date.parse(retryAfter) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
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
