import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { refuse } from './refuse.ts';

/** Media types are case-insensitive (RFC 9110, 8.3.1). */
const jsonMediaType = /^application\/json[\t ]*(?:;|$)/i;

/** JSON has no charset parameter (RFC 8259, 11): `utf-8` is harmless, any other charset is a mistake of the client. */
const foreignCharset = /;[\t ]*charset=(?!"?utf-?8"?[\t ]*(?:;|$))/i;

const byteOrderMark = 0xfeff;

export interface JsonBodyOptions {
  /** A valid request body, which the 400 response shows to a client that sends no JSON. */
  example: string;
}

/**
 * Parses the JSON body into `event.json`. Responds with 415 to another media type, charset or content coding, and with
 * 400 to a body that is missing, not UTF-8 or not JSON.
 */
export function jsonBody({ example }: JsonBodyOptions): MiddlewareObj<APIGatewayProxyEventV2 & { json: unknown }> {
  return {
    before: function parseJsonBody({ event }) {
      const { 'content-type': contentType = '', 'content-encoding': contentCoding = '' } = event.headers;
      if (
        !jsonMediaType.test(contentType) ||
        foreignCharset.test(contentType) ||
        !/^(?:identity)?$/i.test(contentCoding)
      ) {
        return refuse({
          type: '/problems/unsupported-media-type',
          title: 'The media type is not supported',
          status: 415,
          detail: 'Send the header "content-type: application/json" and the body in UTF-8, not compressed.',
        });
      }
      try {
        event.json = JSON.parse(textOf(event));
      } catch {
        // Drops the error: its message quotes the body, which must not reach the log.
        return refuse({
          type: '/problems/not-json',
          title: 'The body is not JSON',
          status: 400,
          detail: `Send a JSON object in UTF-8, such as ${example}.`,
        });
      }
    },
  };
}

/**
 * Returns the body as text, without a byte order mark. API Gateway sends a body in base64 if its media type is not text
 * (PLATFORM_FACTS 1.2).
 * @throws {TypeError} if the decoded bytes are not UTF-8
 */
function textOf({ body = '', isBase64Encoded }: APIGatewayProxyEventV2): string {
  if (isBase64Encoded) return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(body, 'base64'));
  // A parser may ignore the mark (RFC 8259, 8.1), as TextDecoder does.
  return body.charCodeAt(0) === byteOrderMark ? body.slice(1) : body;
}
