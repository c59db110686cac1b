/**
 * A typed client of the Feeling API, for browsers and Node: the calls and answers are those of openapi.yaml.
 * `npm run build` makes one file of it, which needs nothing else.
 */
import createClient, { type Client, type HeadersOptions } from 'openapi-fetch';
import type { paths } from './contract.gen.ts';
import type { GatewayError } from './contract.ts';
import { type RetryOptions, retryingFetch } from './retrying-fetch.ts';

export type { Feeling, FeelingRequest, FeelingResponse, GatewayError, Problem, ValidationError } from './contract.ts';

export interface FeelingClientOptions extends RetryOptions {
  /** The address of the API, such as `http://127.0.0.1:3000`. */
  baseUrl: string;
  /** Headers for every request, such as `authorization` on a stage that asks for a token. @default none */
  headers?: HeadersOptions;
}

/**
 * Calls as openapi-fetch makes them: `client.POST('/feeling', { body, signal })` gives `{ data, response }`, or
 * `{ error, response }` with a {@link Problem} of the function's or a {@link GatewayError}.
 */
export type FeelingClient = Client<paths>;

/**
 * Makes a client. Its calls are rejected with a `TypeError` when the API cannot be reached, with a `DOMException`
 * named `TimeoutError` when it takes too long, and with the reason of `signal` when that aborts; every answer of
 * the API, a failure too, is given.
 */
export function createFeelingClient({ baseUrl, headers = {}, ...options }: FeelingClientOptions): FeelingClient {
  const client = createClient<paths>({ baseUrl, headers, fetch: retryingFetch(options) });
  client.use({ onResponse: ({ response }) => withReadableError(response) });
  return client;
}

/** What stands in front of the API, such as a proxy, may fail in words of its own: they are given as the gateway's would be. */
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
