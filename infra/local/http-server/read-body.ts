import type { IncomingMessage, ServerResponse } from 'node:http';
import { finished } from 'node:stream';
import { OverloadedError } from './body-budget.ts';

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

/** A body without a content-length is counted in steps. */
const countedStep = 64 * 1024;

/**
 * Reads the whole body of a request.
 * @param limit in bytes; discards the rest
 * @param hold counts bytes that are held, and returns whether there is room for them @default there is always room
 * @throws {BodyTooLargeError} when the body is longer than the limit
 * @throws {OverloadedError} when there is no room. Both only after the body has ended: a client that is still sending
 *   might miss a response.
 */
export function readBody(
  request: IncomingMessage,
  limit = Number.POSITIVE_INFINITY,
  hold: (bytes: number) => boolean = () => true,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let counted = 0;
    let hasRoom = true;
    const count = (bytes: number) => {
      hasRoom = hold(bytes - counted);
      counted = bytes;
    };
    // All of it at once: bodies that are half read when there is no more room would all be refused.
    const { 'content-length': declared = 0 } = request.headers;
    if (Number(declared) <= limit) count(Number(declared));
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size >= counted + countedStep && size <= limit && hasRoom) count(size);
      if (size <= limit && hasRoom) chunks.push(chunk);
      else chunks.length = 0;
    });
    request.on('end', () => {
      if (size > limit) reject(new BodyTooLargeError(size));
      else if (!hasRoom) reject(new OverloadedError());
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
