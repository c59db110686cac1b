import type { IncomingMessage, ServerResponse } from 'node:http';
import { finished } from 'node:stream';

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

/**
 * Sends the body of a response now, and ends the response once the client has sent its whole request: the connection may
 * close then, and a client that is still sending would miss the response.
 */
export function endAfterRequest(request: IncomingMessage, response: ServerResponse, body: Buffer | string): void {
  if (request.complete) return void response.end(body);
  response.flushHeaders();
  if (body.length > 0) response.write(body);
  finished(request.resume(), () => response.end());
}
