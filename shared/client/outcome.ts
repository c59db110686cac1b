import type { GatewayError, Problem } from '../contract.ts';
import { responsesOf, schemas } from './responses.gen.ts';
import { matchesSchema } from './schema-match.ts';

/**
 * A response that openapi.yaml does not describe, such as the page of a proxy, an empty body, or JSON that is another
 * API's. The status may be one of success.
 */
export interface UnexpectedResponse {
  type: 'unexpected-response';
  /** What came instead, in a sentence for the developer. */
  message: string;
  /** 0 if the browser hides the response from the page. */
  status: number;
  /** Parsed if it is JSON, else text. Undefined if it is longer than 10 MB. */
  body: unknown;
}

/** What a response says: exactly one of data and error. */
export type Outcome =
  | { data: unknown; error?: never }
  | { data?: never; error: Problem | GatewayError | UnexpectedResponse };

/** API Gateway ends responses at 10 MB, so a longer one is not the API's. */
const maxBytes = 10_000_000;

/**
 * Reads a response, and returns the data or the error that the contract has for the operation, or else an
 * {@link UnexpectedResponse}.
 * @param operation method and path, such as `POST /feeling`
 * @throws {TypeError} if the connection breaks before the end of the body
 */
export async function readOutcome(response: Response, operation: string): Promise<Outcome> {
  const text = await readText(response);
  return outcomeOf(response, text && parsed(text), operation);
}

/** Does the same with a body that has been read. @param body parsed JSON, or text, or undefined if it is too long */
export function outcomeOf(response: Response, body: unknown, operation: string): Outcome {
  const expected = responsesOf[operation];
  if (response.ok) {
    if (body === '' && expected?.isEmptyAllowed) return { data: undefined };
    if (expected?.data && matchesSchema(body, expected.data, schemas)) return { data: body };
  } else if (expected?.error && matchesSchema(body, expected.error, schemas) && isError(body)) {
    // A redirect with 301, 302 or 303 turns POST into GET: its "Not Found" says nothing of the call that was made.
    if (!response.redirected || 'title' in body) return { error: body };
  }
  return { error: { type: 'unexpected-response', message: describe(response, body), status: response.status, body } };
}

/** The schema has been checked: this tells the compiler. */
function isError(body: unknown): body is Problem | GatewayError {
  return typeof body === 'object' && body !== null && ('title' in body || 'message' in body);
}

/** Returns the text of the body, or undefined if it is too long. */
async function readText(response: Response): Promise<string | undefined> {
  // React Native has no streams.
  if (!response.body) return response.text();
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    if (bytes > maxBytes) {
      reader.cancel().catch(() => {});
      return undefined;
    }
    text += decoder.decode(value, { stream: true });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function describe({ status, headers, redirected, url }: Response, body: unknown): string {
  const location = headers.get('location');
  const notes = [
    status === 0 && 'The browser hides it, as it does a redirect that is not followed',
    location && `It redirects to ${location}`,
    redirected && `The request was redirected to ${url}`,
    body === undefined && 'The body is longer than 10 MB',
    body === '' && 'The body is empty',
    'Check that baseUrl is the address of the Feeling API',
  ].filter(Boolean);
  const type = headers.get('content-type');
  return `openapi.yaml has no such response: status ${status}${type ? `, ${type}` : ''}. ${notes.join('. ')}.`;
}
