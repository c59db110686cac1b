import type { IncomingMessage, ServerResponse } from 'node:http';
import { endAfterRequest } from '../http-server/read-body.ts';

/** The response that a client gets. Header names are in lower case. */
export interface HttpResponse {
  status: number;
  headers: [name: string, value: string][];
  body: Buffer | string;
}

/** Responses that the gateway makes itself. An HTTP API cannot customise them (PLATFORM_FACTS 1.4). */
export const gatewayResponses = {
  badRequest: gatewayResponse(400, 'Bad Request'),
  notFound: gatewayResponse(404, 'Not Found'),
  requestTimeout: gatewayResponse(408, 'Request Timeout'),
  tooLarge: gatewayResponse(413, 'Request Entity Too Large'),
  tooManyRequests: gatewayResponse(429, 'Too Many Requests'),
  headersTooLarge: gatewayResponse(431, 'Request Header Fields Too Large'),
  internalError: gatewayResponse(500, 'Internal Server Error'),
  unavailable: gatewayResponse(503, 'Service Unavailable'),
} as const;

/** Returns a response with a JSON body that has only a `message`. */
export function gatewayResponse(status: number, message: string): HttpResponse {
  return { status, headers: [['content-type', 'application/json']], body: JSON.stringify({ message }) };
}

/**
 * Sends a response with the headers that the gateway adds.
 * @param requestId the gateway's own
 * @param keepAlive whether the connection stays open
 */
export function sendResponse(
  request: IncomingMessage,
  serverResponse: ServerResponse,
  { status, headers, body }: HttpResponse,
  requestId: string,
  keepAlive: boolean,
): void {
  const withoutBody = status === 204 || status === 304;
  const lines: string[] = [];
  for (const [name, value] of headers) lines.push(titleCase(name), value);
  if (!withoutBody) lines.push('Content-Length', String(Buffer.byteLength(body)));
  lines.push('Connection', keepAlive ? 'keep-alive' : 'close', 'Apigw-Requestid', requestId);
  serverResponse.shouldKeepAlive = keepAlive;
  serverResponse.writeHead(status, lines);
  endAfterRequest(request, serverResponse, withoutBody ? '' : body);
}

/** Returns a header name as the gateway writes it over HTTP/1.1, such as Apigw-Requestid (PLATFORM_FACTS 1.5). */
function titleCase(name: string): string {
  return name.replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());
}
