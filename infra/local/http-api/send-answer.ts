import type { ServerResponse } from 'node:http';
import type { HttpResponse } from './gateway-response.ts';

/**
 * Sends an answer as the gateway does.
 * @param requestId the gateway's own
 * @param keepAlive whether the connection is to stay open
 */
export function sendResponse(
  response: ServerResponse,
  { status, headers, body }: HttpResponse,
  requestId: string,
  keepAlive: boolean,
): void {
  const withoutBody = status === 204 || status === 304;
  const lines: string[] = [];
  for (const [name, value] of headers) lines.push(titleCase(name), value);
  if (!withoutBody) lines.push('Content-Length', String(Buffer.byteLength(body)));
  lines.push('Connection', keepAlive ? 'keep-alive' : 'close', 'Apigw-Requestid', requestId);
  response.shouldKeepAlive = keepAlive;
  response.writeHead(status, lines);
  response.end(withoutBody ? undefined : body);
}

/** Header names as the gateway writes them over HTTP/1.1: Apigw-Requestid (PLATFORM_FACTS 1.5). */
function titleCase(name: string): string {
  return name.replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());
}
