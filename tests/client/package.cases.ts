/** Programs that use the package of the client. */

/** Right calls compile, wrong ones do not. */
export const consumer = `
import {
  createFeelingClient, FeelingError, type Feeling, type FeelingClientOptions, type FeelingResponse, type GatewayError,
  type Problem, type UnexpectedResponse, type ValidationError,
} from 'feeling-api/client';
import { mockFetch } from 'feeling-api/mock';

const client = createFeelingClient({ baseUrl: 'http://127.0.0.1:3000', retries: 1, timeoutMs: 1000 });
export async function right(signal: AbortSignal): Promise<Feeling | ValidationError[] | string> {
  const { data, error } = await client.POST('/feeling', { body: { emoji_type: 0, message: 'hi' }, signal });
  if (data) return data.feeling;
  const every: Problem | GatewayError | UnexpectedResponse = error;
  if ('body' in every) return every.type satisfies 'unexpected-response';
  if ('message' in every) return every.message;
  if ('errors' in every) return every.errors;
  return every.type;
}
const throwing = createFeelingClient({ baseUrl: '', throwing: true, fetch: mockFetch({ feeling: 'invalid_body' }) });
export async function thrown(): Promise<FeelingResponse | Problem | undefined> {
  try {
    return await throwing.POST('/feeling', { body: { emoji_type: 0, message: 'hi' }, headers: [['a', 'b']] });
  } catch (error) {
    return error instanceof FeelingError ? error.problem : undefined;
  }
}
const options: FeelingClientOptions = { baseUrl: '', headers: new Headers(), fetch };
createFeelingClient(options);
// @ts-expect-error there is no such path
await client.POST('/feelings', { body: { emoji_type: 0, message: 'hi' } });
// @ts-expect-error there is no such method
await client.GET('/feeling');
// @ts-expect-error a string is no number
await client.POST('/feeling', { body: { emoji_type: '0', message: 'hi' } });
// @ts-expect-error the message is missing
await client.POST('/feeling', { body: { emoji_type: 0 } });
// @ts-expect-error the body is missing
await client.POST('/feeling');
// @ts-expect-error there is no such option
createFeelingClient({ baseUrl: '', retry: 3 });
// @ts-expect-error an address is needed
createFeelingClient({});
const { data } = await client.POST('/feeling', { body: { emoji_type: 0, message: 'hi' } });
// @ts-expect-error there may be no data
data.feeling;
// @ts-expect-error there is no such feeling
if (data?.feeling === 'happy') console.log();
// @ts-expect-error there is no such path
await throwing.POST('/feelings', { body: { emoji_type: 0, message: 'hi' } });
// @ts-expect-error the message is missing
await throwing.POST('/feeling', { body: { emoji_type: 0 } });
// @ts-expect-error there is no such feeling
if ((await throwing.POST('/feeling', { body: { emoji_type: 0, message: 'hi' } })).feeling === 'happy') console.log();
// @ts-expect-error there is no such example
mockFetch({ feeling: 'happy' });
`;

/** Lists what differs for the worse, for every operation: the lists must be empty. */
export const released = `
import type { FeelingClientOptions, paths as Now } from 'feeling-api/client';
import type { FeelingClientOptions as ReleasedOptions, paths as Then } from './released-client.js';
import { createFeelingClient, type GatewayError, type Problem } from 'feeling-api/client';

type Methods = 'get' | 'put' | 'post' | 'delete' | 'patch';
type Operation<Paths, Path, Method> = Path extends keyof Paths ? Method extends keyof Paths[Path] ? Paths[Path][Method] : never : never;
type Body<Its> = Its extends { requestBody?: { content: infer Content } } ? Content : unknown;
type Parameters<Its> = Its extends { parameters: infer All } ? All : unknown;
type Responses<Its> = Its extends { responses: infer All } ? All : never;
type Content<Its, Status> = Status extends keyof Responses<Its> ? Responses<Its>[Status] extends { content: infer All } ? All : unknown : never;

type Faults = {
  [Path in keyof Then & string]: {
    [Method in Methods]: Operation<Then, Path, Method> extends infer Its
      ? [Its] extends [undefined] ? never
      : | (Body<Its> extends Body<Operation<Now, Path, Method>> ? never : \`\${Uppercase<Method>} \${Path} body\`)
        | (Parameters<Its> extends Parameters<Operation<Now, Path, Method>> ? never : \`\${Uppercase<Method>} \${Path} parameters\`)
        | { [Status in keyof Responses<Its> & number]:
              [Content<Operation<Now, Path, Method>, Status>] extends [never] ? \`\${Uppercase<Method>} \${Path} \${Status}\`
              : Content<Operation<Now, Path, Method>, Status> extends Content<Its, Status> ? never
              : \`\${Uppercase<Method>} \${Path} \${Status}\` }[keyof Responses<Its> & number]
      : never;
  }[Methods];
}[keyof Then & string];
type None<Found extends never> = Found;
export type Result = None<Faults>;

// The client itself: a program of 1.0.0.
export const options = (its: ReleasedOptions): FeelingClientOptions => its;
export async function program(its: ReleasedOptions, signal: AbortSignal) {
  const client = createFeelingClient(its);
  const { data, error, response } = await client.POST('/feeling', { body: { emoji_type: 0, message: 'hi' }, signal });
  if (data) return data.feeling;
  const every: Problem | GatewayError = error;
  if ('message' in every) return every.message;
  return 'errors' in every ? every.errors : response.status;
}
`;
