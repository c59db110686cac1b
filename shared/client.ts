/**
 * A typed client of the Feeling API for browsers and Node. openapi.yaml defines its calls and responses.
 * `npm run build` bundles it into one file without dependencies.
 */
import createClient, { type Client, type HeadersOptions } from 'openapi-fetch';
import type { paths } from './contract.gen.ts';
import type { GatewayError } from './contract.ts';
import { type RetryOptions, retryingFetch } from './retrying-fetch.ts';

export type { Feeling, FeelingRequest, FeelingResponse, GatewayError, Problem, ValidationError } from './contract.ts';

export interface FeelingClientOptions extends RetryOptions {
  /** The URL of the API, such as `http://127.0.0.1:3000`. */
  baseUrl: string;
  /** Headers of every request, such as `authorization` on a stage that requires a token. @default none */
  headers?: HeadersOptions;
}

/**
 * An openapi-fetch client: `client.POST('/feeling', { body, signal })` resolves to `{ data, response }`, or to
 * `{ error, response }` with a {@link Problem} from the function or a {@link GatewayError}.
 */
export type FeelingClient = Client<paths>;

/**
 * Returns a client. A call resolves with every response of the API, including errors. It rejects with a `TypeError` if
 * the API is unreachable, with a `DOMException` named `TimeoutError` after `timeoutMs`, and with the reason of an
 * aborted `signal`.
 */
export function createFeelingClient({ baseUrl, headers = {}, ...options }: FeelingClientOptions): FeelingClient {
  const client = createClient<paths>({ baseUrl, headers, fetch: retryingFetch(options) });
  client.use({ onResponse: ({ response }) => withReadableError(response) });
  return client;
}

/** Returns an error that is not JSON, such as the page of a proxy, in the form of a gateway error. */
async function withReadableError(response: Response): Promise<Response | undefined> {
  if (response.ok || isJsonObject(await response.clone().text())) return undefined;
  const { status, statusText } = response;
  const headers = new Headers(response.headers);
  headers.set('content-type', 'application/json');
  for (const name of ['content-length', 'content-encoding']) headers.delete(name);
  const error: GatewayError = { message: statusText || `Status ${status}` };
  return new Response(JSON.stringify(error), { status, statusText, headers });
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}
