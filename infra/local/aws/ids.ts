import { randomFillSync } from 'node:crypto';

const store = Buffer.alloc(4096);
let used = store.length;

/** Returns a new request id like API Gateway's: 15 characters of base64url and an equals sign (PLATFORM_FACTS 1.1). */
export function newRequestId(): string {
  return `${randomText(11, 'base64url')}=`;
}

/** Returns a new trace id, as in the header X-Amzn-Trace-Id (docs: xray-concepts). */
export function newTraceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${randomText(12, 'hex')}`;
}

/**
 * Returns the trace id of an invocation: the caller's root, or a new one, and the segment of this invocation
 * (PLATFORM_FACTS 3.3). The sampling decision of the caller is kept.
 * @param header the caller's X-Amzn-Trace-Id
 */
export function invocationTraceId(header: string | string[] | undefined): string {
  const given = String(header ?? '');
  const root = /(?:^|;)\s*(Root=[\w-]+)\s*(?:;|$)/i.exec(given)?.[1] ?? newTraceId();
  const sampled = /(?:^|;)\s*Sampled=1\s*(?:;|$)/i.test(given) ? 1 : 0;
  return `${root};Parent=${randomText(8, 'hex')};Sampled=${sampled};Lineage=1:${randomText(4, 'hex')}:0`;
}

/** Returns random bytes as text. Reads many at a time from the system. */
function randomText(bytes: number, encoding: 'hex' | 'base64url'): string {
  if (used + bytes > store.length) {
    randomFillSync(store);
    used = 0;
  }
  used += bytes;
  return store.toString(encoding, used - bytes, used);
}
