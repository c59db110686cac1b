import { validateHeaderName, validateHeaderValue } from 'node:http';
import { z } from 'zod';
import { gatewayResponses, type HttpResponse } from './gateway-response.ts';

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/**
 * A structured result, payload format 2.0 (docs: http-api-develop-integrations-lambda). Other members are ignored
 * (PLATFORM_FACTS 1.3).
 */
const structuredResult = z.object({
  // A float or 0 leads to a 500. A string of digits counts as the number (PLATFORM_FACTS 1.3).
  statusCode: z
    .union([z.number(), z.string().regex(/^\d+$/).transform(Number)])
    .pipe(z.number().int().min(200).max(599)),
  headers: z.record(z.string(), scalar).nullish(),
  cookies: z.array(z.string()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

/** Headers that the gateway sets itself: they describe the connection. */
const gatewayHeaders = new Set([
  'apigw-requestid',
  'connection',
  'content-length',
  'date',
  'keep-alive',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Returns the response that API Gateway makes of a function's payload, format 2.0 (measured: PLATFORM_FACTS 1.3).
 * An object with a `statusCode` is a response. Anything else is the body of a 200.
 */
export function functionResponse(payload: Buffer): HttpResponse {
  const value = parse(payload);
  if (typeof value === 'object' && value !== null && 'statusCode' in value) return structuredResponse(value);
  return {
    status: 200,
    headers: [['content-type', 'application/json']],
    body: typeof value === 'string' ? value : payload,
  };
}

function structuredResponse(value: object): HttpResponse {
  const parsed = structuredResult.safeParse(value);
  if (!parsed.success || !canBeSent(parsed.data)) return gatewayResponses.internalError;
  const { statusCode, cookies, body, isBase64Encoded } = parsed.data;

  const headers: HttpResponse['headers'] = (cookies ?? []).map((cookie) => ['set-cookie', cookie]);
  let hasContentType = false;
  for (const [name, text] of Object.entries(parsed.data.headers ?? {})) {
    const lower = name.toLowerCase();
    if (gatewayHeaders.has(lower)) continue;
    hasContentType ||= lower === 'content-type';
    headers.push([lower, text]);
  }
  if (!hasContentType) headers.push(['content-type', 'text/plain; charset=utf-8']);
  return { status: statusCode, headers, body: isBase64Encoded ? Buffer.from(body ?? '', 'base64') : (body ?? '') };
}

function canBeSent({ headers, cookies }: z.output<typeof structuredResult>): boolean {
  try {
    for (const [name, value] of Object.entries(headers ?? {})) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
    for (const cookie of cookies ?? []) validateHeaderValue('set-cookie', cookie);
    return true;
  } catch {
    return false;
  }
}

function parse(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString());
  } catch {
    return undefined;
  }
}
