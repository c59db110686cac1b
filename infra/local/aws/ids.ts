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

/**
 * Returns the trace header of an invocation, as Lambda makes it of the caller's (PLATFORM_FACTS 8.2): the same root, and
 * a parent of its own.
 * @param callers the caller's header, if it has one
 */
export function invocationTrace(callers = ''): string {
  const { root } = /(?:^|;)\s*Root=(?<root>1-[0-9a-f]{8}-[0-9a-f]{24})\s*(?:;|$)/i.exec(callers)?.groups ?? {};
  const sampled = /(?:^|;)\s*Sampled=1\s*(?:;|$)/i.test(callers) ? 1 : 0;
  const trace = root === undefined ? newTraceId() : `Root=${root}`;
  return `${trace};Parent=${randomText(8, 'hex')};Sampled=${sampled};Lineage=1:${randomText(4, 'hex')}:0`;
}

function randomText(bytes: number, encoding: 'hex' | 'base64'): string {
  if (used + bytes > randomBytes.length) {
    randomFillSync(randomBytes);
    used = 0;
  }
  used += bytes;
  return randomBytes.toString(encoding, used - bytes, used);
}
