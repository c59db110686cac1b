import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { refuse } from './refuse.ts';

/** Media types are compared without regard to case (RFC 9110, 8.3.1). */
const jsonMediaType = /^application\/json[\t ]*(?:;|$)/i;

/** JSON defines no charset (RFC 8259, 11): one that says UTF-8 is harmless, any other is a mistake. */
const foreignCharset = /;[\t ]*charset=(?!"?utf-?8"?[\t ]*(?:;|$))/i;

const byteOrderMark = 0xfeff;

export interface JsonBodyOptions {
  /** A JSON object that the operation takes; it is shown to those who send what is not JSON. */
  example: string;
}

/**
 * Parses the JSON body into `event.json`. A body of another media type, charset or content coding
 * is answered with 415; one that is missing, not UTF-8 or not JSON with 400.
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
        // The error is dropped: its message quotes the body, which is not to be logged.
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
 * The body as text, without a byte order mark. API Gateway passes on a body in base64 whenever it
 * does not take it for text, so both forms are to be expected.
 * @throws {TypeError} when the decoded bytes are not UTF-8.
 */
function textOf({ body = '', isBase64Encoded }: APIGatewayProxyEventV2): string {
  if (isBase64Encoded) return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(body, 'base64'));
  // RFC 8259, 8.1: a parser may ignore the mark. TextDecoder does.
  return body.charCodeAt(0) === byteOrderMark ? body.slice(1) : body;
}
