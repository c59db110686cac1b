import { randomFillSync } from 'node:crypto';

/** Random bytes are fetched from the system many at a time: a call for each id costs more than the id. */
const randomBytes = Buffer.alloc(4096);
let used = randomBytes.length;

/** Returns a new request id in the form of API Gateway's: 15 characters and an equals sign. */
export function newRequestId(): string {
  return randomText(11, 'base64');
}

/** Returns a new trace id, as in the header X-Amzn-Trace-Id (docs: xray-concepts). */
export function newTraceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${randomText(12, 'hex')}`;
}

function randomText(bytes: number, encoding: 'hex' | 'base64'): string {
  if (used + bytes > randomBytes.length) {
    randomFillSync(randomBytes);
    used = 0;
  }
  used += bytes;
  return randomBytes.toString(encoding, used - bytes, used);
}
