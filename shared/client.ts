/**
 * A typed client of the Feeling API for browsers and Node. openapi.yaml defines its calls and responses.
 * `npm run build` bundles it into one file without dependencies. CLIENT.md beside this file is its documentation.
 */
import createClient, { type HeadersOptions } from 'openapi-fetch';
import { runCall } from './client/call.ts';
import type { FeelingClient, ThrowingFeelingClient } from './client/client-types.ts';
import { FeelingError } from './client/feeling-error.ts';
import { type Outcome, outcomeOf, readOutcome } from './client/outcome.ts';
import { querySerializer } from './client/query-serializer.ts';
import { queryStyles } from './client/responses.gen.ts';
import { fetchWithRetries, type RetryOptions } from './client/retrying-fetch.ts';

export type { FeelingClient, ThrowingFeelingClient } from './client/client-types.ts';
export { FeelingError } from './client/feeling-error.ts';
export type { UnexpectedResponse } from './client/outcome.ts';
export type { Feeling, FeelingRequest, FeelingResponse, GatewayError, Problem, ValidationError } from './contract.ts';

export interface FeelingClientOptions extends RetryOptions {
  /** The URL of the API, such as `http://127.0.0.1:3000`. */
  baseUrl: string;
  /** Headers of every request, such as `authorization` on a stage that requires a token. @default none */
  headers?: HeadersOptions;
}

/** What a call is given beside the path. */
interface CallInit {
  signal?: AbortSignal | null;
  headers?: HeadersOptions;
  parseAs?: string;
  fetch?: (request: Request) => Promise<Response>;
}

const callNames = ['request', 'GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE'] as const;

/**
 * Returns a client. A call resolves with every response of the API, including errors; with `throwing` it resolves to
 * the data and rejects with a {@link FeelingError}. Either rejects with a `TypeError` if the API is unreachable, with a
 * `DOMException` named `TimeoutError` after `timeoutMs`, and with the reason of an aborted `signal`.
 * @throws {RangeError} if `retries` or `timeoutMs` is not a number from 0 up
 */
export function createFeelingClient(options: FeelingClientOptions & { throwing: true }): ThrowingFeelingClient;
export function createFeelingClient(options: FeelingClientOptions & { throwing?: false }): FeelingClient;
export function createFeelingClient({
  baseUrl,
  headers,
  throwing = false,
  retries = 3,
  timeoutMs = 30_000,
  // The global one at the time of the call: tests and tracing libraries replace it.
  fetch = (request, init) => globalThis.fetch(request, init),
}: FeelingClientOptions & { throwing?: boolean }): FeelingClient | ThrowingFeelingClient {
  checkFromZero({ retries, timeoutMs });
  const client: FeelingClient = createClient({ baseUrl, headers: withoutPairs(headers) });

  /** By the empty response that stands in for the one that was read. openapi-fetch parses the bodies of others. */
  const outcomes = new WeakMap<Response, { outcome: Outcome; response: Response }>();
  client.use({
    async onResponse({ response, request, schemaPath, options: { parseAs } }) {
      if (response.ok && parseAs !== 'json') return undefined;
      const outcome = await readOutcome(response, `${request.method} ${schemaPath}`);
      const standIn = new Response(null, { status: 204 });
      outcomes.set(standIn, { outcome, response });
      return standIn;
    },
  });

  for (const name of callNames) {
    const send = client[name];
    const call = (...words: unknown[]) => {
      const [method, path, ...rest] = name === 'request' ? words : [name, ...words];
      const init: CallInit = Object(rest[0]);
      const styles = queryStyles[`${String(method).toUpperCase()} ${path}`];
      return runCall(init.signal, timeoutMs, async (its) => {
        const sent = await Reflect.apply(send, client, [
          ...(name === 'request' ? [method, path] : [path]),
          {
            fetch: (request: Request) => fetchWithRetries(request, its, { retries, fetch }),
            ...(styles && { querySerializer: querySerializer(styles) }),
            ...init,
            headers: withoutPairs(init.headers),
            signal: its.signal,
          },
        ]);
        const read = outcomes.get(sent.response) ?? { response: sent.response, outcome: sent };
        // openapi-fetch has read a response that a middleware made in place of the API's.
        const isUnchecked = read.outcome === sent && (init.parseAs ?? 'json') === 'json';
        const { response } = read;
        const outcome: Outcome = isUnchecked
          ? outcomeOf(response, sent.data ?? sent.error ?? '', `${String(method).toUpperCase()} ${path}`)
          : read.outcome;
        if (!throwing) return { ...outcome, response };
        if (outcome.error !== undefined) throw new FeelingError(outcome.error, response);
        return outcome.data;
      });
    };
    Object.assign(client, { [name]: call });
  }
  return client;
}

/** Returns headers that openapi-fetch can merge: it would take pairs for a record of 0, 1 and so on. */
function withoutPairs(headers: HeadersOptions | undefined): HeadersOptions {
  if (!headers) return {};
  return Symbol.iterator in headers ? new Headers([...headers]) : headers;
}

function checkFromZero(numbers: Record<string, number>): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (typeof value === 'number' && value >= 0) continue;
    throw new RangeError(`createFeelingClient: ${name} is ${value}. Write a number from 0 up, or Infinity.`);
  }
}
