export interface RetryOptions {
  /** How often a request is sent again that was answered with 429 or 503. @default 3 */
  retries?: number;
  /** How long a call may take, its retries and the waits between them included, in milliseconds. @default 30_000 */
  timeoutMs?: number;
  /** What sends a request. @default the global `fetch` */
  fetch?: (request: Request, init: { signal: AbortSignal }) => Promise<Response>;
}

/** The answers that say: later, the same request may succeed. */
const worthRetrying = [429, 503];

const firstDelayMs = 250;

/**
 * A `fetch` with patience: what is answered with 429 or 503 is sent again, after as long as `Retry-After` asks for
 * or else after a quarter of a second, half a second and so on, with some chance in it. No other answer and no
 * failure of the network is tried again. An answer that could only be followed by a timeout is given as it is.
 */
export function retryingFetch({
  retries = 3,
  timeoutMs = 30_000,
  fetch = (request, init) => globalThis.fetch(request, init),
}: RetryOptions = {}): (request: Request) => Promise<Response> {
  return async function fetchWithPatience(request) {
    const deadline = performance.now() + timeoutMs;
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)]);
    for (let attempt = 0; ; attempt++) {
      const response = await fetch(request.clone(), { signal });
      if (attempt >= retries || !worthRetrying.includes(response.status)) return response;
      const delayMs = askedDelayMs(response.headers.get('retry-after')) ?? backOffMs(attempt);
      if (performance.now() + delayMs >= deadline) return response;
      await response.body?.cancel();
      await delay(delayMs, signal);
    }
  };
}

/** Between half of the delay and all of it, so that those who were refused together do not come back together. */
function backOffMs(attempt: number): number {
  return firstDelayMs * 2 ** attempt * (1 - Math.random() / 2);
}

/** @param retryAfter seconds or a date (RFC 9110, 10.2.3); undefined comes back where it is neither */
function askedDelayMs(retryAfter: string | null): number | undefined {
  if (retryAfter === null) return undefined;
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter) * 1000;
  // Date.parse takes -1 and 1.5 for dates, too.
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
