import type { Client, FetchResponse, MaybeOptionalInit } from 'openapi-fetch';
import type { HttpMethod, MediaType, PathsWithMethod, RequiredKeysOf } from 'openapi-typescript-helpers';
import type { paths } from '../contract.gen.ts';
import type { UnexpectedResponse } from './outcome.ts';

/** The operations of the contract, each with {@link UnexpectedResponse} as one more error. */
type ClientPaths = {
  [Path in keyof paths]: {
    [Method in keyof paths[Path]]: paths[Path][Method] extends { responses: infer Responses }
      ? Omit<paths[Path][Method], 'responses'> & {
          responses: Responses & { default: { content: { 'unexpected/response': UnexpectedResponse } } };
        }
      : paths[Path][Method];
  };
};

/**
 * An openapi-fetch client: `client.POST('/feeling', { body, signal })` resolves to `{ data, response }`, or to
 * `{ error, response }` with a `Problem` from the function, a `GatewayError`, or an {@link UnexpectedResponse}.
 */
export type FeelingClient = Client<ClientPaths>;

type Init<Path extends keyof ClientPaths, Method extends HttpMethod> = MaybeOptionalInit<ClientPaths[Path], Method>;
type InitParam<Options> =
  RequiredKeysOf<Options> extends never
    ? [(Options & { [key: string]: unknown })?]
    : [Options & { [key: string]: unknown }];

type Data<Path extends keyof ClientPaths, Method, Options> = Method extends keyof ClientPaths[Path]
  ? ClientPaths[Path][Method] extends Record<string | number, unknown>
    ? Extract<FetchResponse<ClientPaths[Path][Method], Options, MediaType>, { data: unknown }>['data']
    : never
  : never;

type ThrowingMethod<Method extends HttpMethod> = <
  Path extends PathsWithMethod<ClientPaths, Method>,
  Options extends Init<Path, Method>,
>(
  path: Path,
  ...init: InitParam<Options>
) => Promise<Data<Path, Method, Options>>;

/**
 * A client whose calls resolve to the data: `const { feeling } = await client.POST('/feeling', { body })`. They reject
 * with a `FeelingError` for every other response.
 */
export type ThrowingFeelingClient = Pick<FeelingClient, 'use' | 'eject'> & {
  [Method in HttpMethod as Uppercase<Method>]: ThrowingMethod<Method>;
};
