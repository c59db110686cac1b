import { randomFillSync } from 'node:crypto';

const store = Buffer.alloc(4096);
let used = store.length;

/** A new request id, in the form of API Gateway's: 15 characters and an equals sign. */
export function newRequestId(): string {
  return randomText(11, 'base64');
}

/** A new trace, as in the header X-Amzn-Trace-Id (docs: xray-concepts). */
export function newTraceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${randomText(12, 'hex')}`;
}

/** So many random bytes, as text. The system is asked for many at a time. */
function randomText(bytes: number, encoding: 'hex' | 'base64'): string {
  if (used + bytes > store.length) {
    randomFillSync(store);
    used = 0;
  }
  used += bytes;
  return store.toString(encoding, used - bytes, used);
}
