import type { IncomingMessage } from 'node:http';
import type { Cors } from '../cloud-assembly/stack-model.ts';
import type { HttpResponse } from './gateway-response.ts';

type Headers = HttpResponse['headers'];

/** Returns a response with the CORS headers of the API, for the client that has sent a request. */
export function corsResponse(cors: Cors, { method, headers }: IncomingMessage, response: HttpResponse): HttpResponse {
  if (method !== 'OPTIONS') return withCors(response, cors, headers.origin);
  return preflightResponse(cors, headers.origin, headers['access-control-request-method'], response);
}

/** The response to an OPTIONS request that no route takes, without CORS headers. No function is invoked. */
export const noContent: HttpResponse = { status: 204, headers: [], body: '' };

/**
 * Returns the response to an OPTIONS request. The gateway's CORS headers replace those of a function. An origin that is
 * not allowed gets none (docs: http-api-cors; PLATFORM_FACTS 1.6, which has this last point from memory).
 * @param response of a function, where a route takes the request
 */
export function preflightResponse(
  cors: Cors,
  origin: string | undefined,
  requestedMethod: string | undefined,
  response = noContent,
): HttpResponse {
  const headers: Headers = requestedMethod ? originHeaders(cors, origin) : [];
  if (headers.length > 0) {
    if (cors.allowMethods.length > 0) headers.push(['access-control-allow-methods', cors.allowMethods.join(',')]);
    if (cors.allowHeaders.length > 0) headers.push(['access-control-allow-headers', cors.allowHeaders.join(',')]);
    if (cors.maxAge !== undefined) headers.push(['access-control-max-age', String(cors.maxAge)]);
  }
  return { ...response, headers: [...withoutCors(response), ...headers] };
}

/**
 * Returns the response to an actual request. The gateway's CORS headers replace those of the function.
 */
export function withCors(response: HttpResponse, cors: Cors, origin: string | undefined): HttpResponse {
  const headers = withoutCors(response);
  const allowed = originHeaders(cors, origin);
  headers.push(...allowed);
  if (allowed.length > 0 && cors.exposeHeaders.length > 0) {
    headers.push(['access-control-expose-headers', cors.exposeHeaders.join(',')]);
  }
  return { ...response, headers };
}

function withoutCors({ headers }: HttpResponse): Headers {
  return headers.filter(([name]) => !name.startsWith('access-control-'));
}

function originHeaders(cors: Cors, origin: string | undefined): Headers {
  if (origin === undefined) return [];
  const any = cors.allowOrigins.includes('*');
  if (!any && !cors.allowOrigins.some((allowed) => allowsOrigin(allowed, origin))) return [];
  const headers: Headers = [['access-control-allow-origin', any ? '*' : origin]];
  if (cors.allowCredentials) headers.push(['access-control-allow-credentials', 'true']);
  return headers;
}

/** @param allowed an origin, or `https://*` for every origin of that scheme */
function allowsOrigin(allowed: string, origin: string): boolean {
  return allowed.endsWith('://*') ? origin.startsWith(allowed.slice(0, -1)) : allowed === origin;
}
