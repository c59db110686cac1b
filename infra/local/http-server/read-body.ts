import type { IncomingMessage } from 'node:http';

/** A request that has sent more bytes than are taken. */
export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
  /** How many there were. */
  readonly bytes: number;

  constructor(bytes: number) {
    super(`The body has ${bytes} bytes.`);
    this.bytes = bytes;
  }
}

/**
 * The whole body of a request.
 * @param limit in bytes; what comes after is thrown away
 * @throws {BodyTooLargeError} once a longer body has ended: a client that is still sending might not see
 *   an answer that comes before
 */
export function readBody(request: IncomingMessage, limit = Number.POSITIVE_INFINITY): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
    });
    request.on('end', () => {
      if (size > limit) reject(new BodyTooLargeError(size));
      else resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
    });
    request.on('error', reject);
  });
}
