import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/**
 * A value as the HTTP answer of a function, with the headers that the contract asks of every one.
 * No CORS headers: API Gateway sets them, and overrides what a function sends.
 */
export function jsonResponse(
  statusCode: number,
  value: unknown,
  contentType = 'application/json',
): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode,
    headers: {
      'content-type': contentType,
      'cache-control': 'no-store',
      'strict-transport-security': 'max-age=31536000',
      'x-content-type-options': 'nosniff',
    },
    body: JSON.stringify(value),
  };
}
