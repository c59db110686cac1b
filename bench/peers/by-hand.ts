/** Everything that the deployed function does, in one file without a framework or a generated validator. */
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';

interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string;
  errors?: { pointer: string; detail: string }[];
  request_id?: string;
}

const jsonMediaType = /^application\/json[\t ]*(?:;|$)/i;
const foreignCharset = /;[\t ]*charset=(?!"?utf-?8"?[\t ]*(?:;|$))/i;

export async function handler(
  event: APIGatewayProxyEventV2,
  context: Context,
): Promise<APIGatewayProxyStructuredResultV2> {
  try {
    return answer(event);
  } catch (error) {
    console.error({ errorType: error instanceof Error ? error.name : undefined, error });
    return problem({
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
      request_id: context.awsRequestId,
    });
  }
}

function answer(event: APIGatewayProxyEventV2): APIGatewayProxyStructuredResultV2 {
  const { 'content-type': type = '', 'content-encoding': coding = '' } = event.headers;
  if (!jsonMediaType.test(type) || foreignCharset.test(type) || !/^(?:identity)?$/i.test(coding)) {
    return refuse({
      type: '/problems/unsupported-media-type',
      title: 'The media type is not supported',
      status: 415,
      detail: 'Send the header "content-type: application/json" and the body in UTF-8, not compressed.',
    });
  }
  let request: unknown;
  try {
    request = JSON.parse(textOf(event));
  } catch {
    return refuse({
      type: '/problems/not-json',
      title: 'The body is not JSON',
      status: 400,
      detail: 'Send a JSON object in UTF-8, such as {"emoji_type":0,"message":"hi"}.',
    });
  }
  const errors: { pointer: string; detail: string }[] = [];
  if (typeof request !== 'object' || request === null || Array.isArray(request)) {
    errors.push({ pointer: '#', detail: 'must be an object' });
    return invalid(errors);
  }
  const emojiType = Object.hasOwn(request, 'emoji_type') && 'emoji_type' in request ? request.emoji_type : undefined;
  const message = Object.hasOwn(request, 'message') && 'message' in request ? request.message : undefined;
  if (emojiType === undefined) {
    errors.push({ pointer: '#/emoji_type', detail: 'is required' });
  }
  if (message === undefined) errors.push({ pointer: '#/message', detail: 'is required' });
  if (emojiType !== undefined && !Number.isFinite(emojiType)) {
    errors.push({ pointer: '#/emoji_type', detail: 'must be a number' });
  }
  if (message !== undefined && typeof message !== 'string') {
    errors.push({ pointer: '#/message', detail: 'must be a string' });
  }
  if (typeof message === 'string' && message.length > 65_536 && codePoints(message) > 65_536) {
    errors.push({ pointer: '#/message', detail: 'must have at most 65,536 characters' });
  }
  if (errors.length > 0 || typeof message !== 'string') return invalid(errors);

  const feeling = emojiType === 0 ? 'positive' : emojiType === 1 ? 'neutral' : 'negative';
  console.info({ emoji_type: emojiType, feeling, message_length: message.length });
  console.debug({ message });
  return json(200, { feeling, message }, 'application/json');
}

function textOf({ body = '', isBase64Encoded }: APIGatewayProxyEventV2): string {
  if (isBase64Encoded) return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(body, 'base64'));
  return body.charCodeAt(0) === 0xfeff ? body.slice(1) : body;
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

function invalid(errors: Problem['errors'] & {}): APIGatewayProxyStructuredResultV2 {
  return refuse({
    type: '/problems/invalid-body',
    title: 'The body does not match the schema',
    status: 400,
    detail: 'Correct every member that is listed in "errors" and send the request again.',
    errors,
  });
}

function refuse(refused: Problem): APIGatewayProxyStructuredResultV2 {
  console.info({ refused });
  return problem(refused);
}

function problem(value: Problem): APIGatewayProxyStructuredResultV2 {
  return json(value.status, value, 'application/problem+json');
}

function json(statusCode: number, value: unknown, contentType: string): APIGatewayProxyStructuredResultV2 {
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
