/** The smallest handler that responds: one header, no check of the media type, no log line. */
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

const headers = { 'content-type': 'application/json' };

export async function handler({ body = '' }: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> {
  let request: { emoji_type?: unknown; message?: unknown } | null;
  try {
    request = JSON.parse(body);
  } catch {
    return { statusCode: 400, headers, body: '{"title":"The body is not JSON"}' };
  }
  if (typeof request?.emoji_type !== 'number' || typeof request.message !== 'string') {
    return { statusCode: 400, headers, body: '{"title":"The body does not match the schema"}' };
  }
  const feeling = request.emoji_type === 0 ? 'positive' : request.emoji_type === 1 ? 'neutral' : 'negative';
  return { statusCode: 200, headers, body: JSON.stringify({ feeling, message: request.message }) };
}
