import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { OverloadedError } from '../http-server/body-budget.ts';
import { BodyTooLargeError, readBody } from '../http-server/read-body.ts';
import type { InvocationType } from './invoke-parameters.ts';
import { LambdaError } from './lambda-error.ts';

/** Bytes (PLATFORM_FACTS 3.1). */
const maxPayload: Record<InvocationType, number> = {
  RequestResponse: 6 * 1024 * 1024,
  Event: 1024 * 1024,
  DryRun: 6 * 1024 * 1024,
};
const maxClientContext = 3583;

/**
 * Returns the payload of an invocation: the body as JSON, whatever its content type. An empty body is `{}`.
 * @param hold counts bytes that are held, and returns whether there is room for them
 * @throws {LambdaError} when the payload is too large, when there is no room, or when it is not JSON in UTF-8.
 */
export async function payloadOf(
  request: IncomingMessage,
  type: InvocationType,
  hold: (bytes: number) => boolean,
): Promise<string> {
  const limit = maxPayload[type];
  const body = await readBody(request, limit, hold).catch((error: unknown) => {
    if (error instanceof OverloadedError) throw LambdaError.tooManyRequests('ConcurrentInvocationLimitExceeded');
    throw error instanceof BodyTooLargeError ? LambdaError.tooLarge(error.bytes, type, limit) : error;
  });
  if (body.length === 0) return '{}';
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
    JSON.parse(text);
    return text;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    // Lambda's reason is that of its parser, Jackson; this is that of V8.
    throw LambdaError.invalidContent(
      `Could not parse request body into json: Could not parse payload into json: ${reason}`,
    );
  }
}

/**
 * Returns the caller's client context as JSON, for `context.clientContext`. Escapes every character that a header
 * cannot carry.
 * @throws {LambdaError} when it is too long, or is not a JSON object in base64.
 */
export function clientContextOf({ headers }: IncomingMessage): string | undefined {
  const { 'x-amz-client-context': text } = headers;
  if (typeof text !== 'string') return undefined;
  if (text.length > maxClientContext) {
    throw LambdaError.invalidParameter(
      `The client context has ${text.length} bytes; the limit is ${maxClientContext}.`,
    );
  }
  try {
    const value = z.looseObject({}).parse(JSON.parse(Buffer.from(text, 'base64').toString()));
    return JSON.stringify(value).replace(
      /[^\x20-\x7e]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
  } catch {
    throw LambdaError.invalidContent('Client context must be a valid Base64-encoded JSON object.');
  }
}
