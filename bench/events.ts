import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** Returns the event that API Gateway sends for `POST /feeling` with a body. */
export function feelingEvent(
  body: string | undefined,
  headers: Record<string, string> = {},
  isBase64Encoded = false,
): APIGatewayProxyEventV2 {
  return {
    version: '2.0',
    routeKey: 'POST /feeling',
    rawPath: '/feeling',
    rawQueryString: '',
    headers: {
      accept: '*/*',
      'content-length': String(Buffer.byteLength(body ?? '', isBase64Encoded ? 'base64' : 'utf8')),
      'content-type': 'application/json',
      host: 'abcdefghij.execute-api.us-east-1.amazonaws.com',
      'user-agent': 'curl/8.11.0',
      'x-amzn-trace-id': 'Root=1-6743c1f0-0123456789abcdef01234567',
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
      ...headers,
    },
    requestContext: {
      accountId: '000000000000',
      apiId: 'abcdefghij',
      domainName: 'abcdefghij.execute-api.us-east-1.amazonaws.com',
      domainPrefix: 'abcdefghij',
      http: {
        method: 'POST',
        path: '/feeling',
        protocol: 'HTTP/1.1',
        sourceIp: '203.0.113.7',
        userAgent: 'curl/8.11.0',
      },
      requestId: 'BAAAAAAAIAMEMAA=',
      routeKey: 'POST /feeling',
      stage: '$default',
      time: '24/Nov/2026:00:00:00 +0000',
      timeEpoch: 1_795_478_400_000,
    },
    ...(body !== undefined && { body }),
    isBase64Encoded,
  };
}

export const validEvent = feelingEvent('{"emoji_type":0,"message":"shipped! 🎉"}');
export const invalidEvent = feelingEvent('{"emoji_type":"0"}');
