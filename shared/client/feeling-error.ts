import type { GatewayError, Problem } from '../contract.ts';
import type { UnexpectedResponse } from './outcome.ts';

/** An error response, thrown by a client with `throwing: true`. The message says what the API said. */
export class FeelingError extends Error {
  override readonly name = 'FeelingError';
  /** The HTTP status. One of success, or 0, only if `body` is an {@link UnexpectedResponse}. */
  readonly status: number;
  /** The problem that the function responded with. Undefined for any other response. */
  readonly problem: Problem | undefined;
  /** The whole error: a problem, the gateway's `{ message }`, or an {@link UnexpectedResponse}. */
  readonly body: Problem | GatewayError | UnexpectedResponse;
  /** Include it when you report the error: the ID of the invocation, or else of the request, in the API's logs. */
  readonly requestId: string | undefined;
  /** Its body has been read. */
  readonly response: Response;

  constructor(body: Problem | GatewayError | UnexpectedResponse, response: Response) {
    super(`${response.status} ${describe(body)}`);
    this.status = response.status;
    this.problem = 'title' in body ? body : undefined;
    this.body = body;
    const invocation = 'request_id' in body ? body.request_id : undefined;
    this.requestId = invocation ?? response.headers.get('apigw-requestid') ?? undefined;
    this.response = response;
  }
}

function describe(body: FeelingError['body']): string {
  if ('errors' in body) return body.errors.map(({ pointer, detail }) => `${pointer} ${detail}`).join(', ');
  if ('title' in body) return 'detail' in body ? `${body.title}: ${body.detail}` : body.title;
  return body.message;
}
