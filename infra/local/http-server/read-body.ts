import type { IncomingMessage } from 'node:http';

/** A request body that exceeds the limit. */
export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
  /** The size of the body. */
  readonly bytes: number;

  constructor(bytes: number) {
    super(`The body has ${bytes} bytes.`);
    this.bytes = bytes;
  }
}

/**
 * Reads the whole body of a request.
 * @param limit in bytes; discards the rest
 * @throws {BodyTooLargeError} only after a longer body has ended: a client that is still sending might miss a response
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
