import type { IncomingMessage } from 'node:http';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { account } from '../aws/arn.ts';
import { newTraceId } from '../aws/ids.ts';
import type { ApiModel } from '../cloud-assembly/stack-model.ts';
import type { Jwt } from './jwt-authorizer.ts';

/** Headers of the connection, not of the message (RFC 9110, 7.6.1). The gateway removes them. */
export const connectionHeaders: ReadonlySet<string> = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Media types whose body reaches the function as text, if its charset is UTF-8 (measured: PLATFORM_FACTS 1.2). */
const textMediaType = /^(?:text\/[^;]*|application\/(?:json|xml|javascript))[\t ]*(?:;|$)/i;
const foreignCharset = /;[\t ]*charset=(?!"?utf-8"?[\t ]*(?:;|$))/i;

/** The target of a request. */
export interface RequestTarget {
  /** Decoded: API Gateway matches it and passes it on like this (PLATFORM_FACTS 1.1, 1.5). */
  path: string;
  /** As sent, without the question mark. */
  query: string;
}

/**
 * Returns the target of a request. API Gateway decodes the path twice and cuts it at a `?` that the first decoding
 * brings out (PLATFORM_FACTS 1.1).
 * @param url a path with or without a query, or an absolute URL
 * @returns undefined where the path has a `%` that cannot be decoded: API Gateway responds with 400
 */
export function parseTarget(url: string): RequestTarget | undefined {
  const relative = url.startsWith('/') ? url : url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '');
  const mark = relative.indexOf('?');
  const path = (mark < 0 ? relative : relative.slice(0, mark)) || '/';
  const query = mark < 0 ? '' : relative.slice(mark + 1);
  if (!path.includes('%')) return { path, query };
  const [once] = decodePercent(path)?.split('?', 1) ?? [];
  const twice = once && decodePercent(once);
  return twice === undefined ? undefined : { path: twice, query };
}

/** Returns the size of request line and headers, which the quota limits. */
export function headerBytes({ method = '', url = '', rawHeaders }: IncomingMessage): number {
  let bytes = method.length + url.length + ' HTTP/1.1\r\n'.length + 1;
  // ": " follows each name, CR and LF follow each value.
  for (const text of rawHeaders) bytes += text.length + 2;
  return bytes;
}

/** A request and what the gateway knows about it. */
export interface RequestFacts {
  request: IncomingMessage;
  requestId: string;
  target: RequestTarget;
  /** The values of the path variables of its route. They are decoded as the path is. */
  pathParameters: Record<string, string>;
  body: Buffer;
  /** The token, where the route requires one. */
  jwt?: Jwt | undefined;
}

/**
 * Returns the event that API Gateway makes of a request, payload format 2.0 (PLATFORM_FACTS 1.1). The event has no
 * member for what the request does not have, rather than null.
 */
export function requestEvent(api: ApiModel, routeKey: string, facts: RequestFacts): APIGatewayProxyEventV2 {
  const { request, requestId, body, jwt, pathParameters } = facts;
  const { path, query } = facts.target;
  const sourceIp = request.socket.remoteAddress ?? '127.0.0.1';
  const method = request.method ?? 'GET';
  const headers = headersOf(request.rawHeaders);
  const { cookie } = headers;
  delete headers['cookie'];
  // Also without a body, for every method (PLATFORM_FACTS 1.1).
  headers['content-length'] = String(body.length);
  headers['x-amzn-trace-id'] ??= newTraceId();
  headers['x-forwarded-for'] = headers['x-forwarded-for'] ? `${headers['x-forwarded-for']}, ${sourceIp}` : sourceIp;
  // The deployed API is served over HTTPS only. A function sees the same here.
  headers['x-forwarded-port'] = '443';
  headers['x-forwarded-proto'] = 'https';

  const domainName = (headers['host'] ?? 'localhost').replace(/:\d+$/, '');
  const now = new Date();
  const { 'content-type': contentType = '' } = headers;
  const isBase64Encoded = body.length > 0 && (!textMediaType.test(contentType) || foreignCharset.test(contentType));
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: query,
    ...(cookie && { cookies: cookie.split(/; */) }),
    headers,
    ...(query && { queryStringParameters: queryOf(query) }),
    requestContext: {
      accountId: account,
      apiId: api.id,
      ...(jwt && { authorizer: { jwt } }),
      domainName,
      domainPrefix: domainName.split('.')[0] ?? domainName,
      http: {
        method,
        path,
        protocol: 'HTTP/1.1',
        sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId,
      routeKey,
      stage: api.stage,
      time: commonLogTime(now),
      timeEpoch: now.getTime(),
    },
    ...(body.length > 0 && { body: body.toString(isBase64Encoded ? 'base64' : 'utf8') }),
    ...(Object.keys(pathParameters).length > 0 && { pathParameters }),
    isBase64Encoded,
  };
}

/** Returns headers with lower-case names. Joins the values of a repeated header with commas. */
function headersOf(raw: string[]): Record<string, string> {
  const headers: Record<string, string> = Object.create(null);
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i]?.toLowerCase() ?? '';
    const value = raw[i + 1] ?? '';
    if (connectionHeaders.has(name)) continue;
    const separator = name === 'cookie' ? '; ' : ',';
    headers[name] = headers[name] === undefined ? value : `${headers[name]}${separator}${value}`;
  }
  return headers;
}

function queryOf(query: string): Record<string, string> {
  const parameters: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(query)) {
    parameters[name] = parameters[name] === undefined ? value : `${parameters[name]},${value}`;
  }
  return parameters;
}

/** Decodes a path once; undefined where a `%` has no two hexadecimal digits. */
function decodePercent(path: string): string | undefined {
  if (/%(?![\da-f]{2})/i.test(path)) return undefined;
  try {
    return decodeURIComponent(path);
  } catch {
    // Bytes that are not UTF-8 become U+FFFD. What API Gateway makes of them is unmeasured (?).
    const bytes = path.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    return Buffer.from(bytes, 'latin1').toString();
  }
}

/** Returns a time such as 14/Apr/2025:22:14:16 +0000. */
function commonLogTime(date: Date): string {
  const [, day, month, year, time] = date.toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}
