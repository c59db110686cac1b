import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/**
 * Returns an HTTP response with the value as JSON and the headers that the contract requires. It has no CORS headers,
 * because API Gateway sets them and overrides those of a function.
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
