import { randomFillSync } from 'node:crypto';

const store = Buffer.alloc(4096);
let used = store.length;

/** So many random bytes, as text. The system is asked for many at a time. */
export function randomText(bytes: number, encoding: 'hex' | 'base64'): string {
  if (used + bytes > store.length) {
    randomFillSync(store);
    used = 0;
  }
  used += bytes;
  return store.toString(encoding, used - bytes, used);
}
