/** A `fetch` that responds with the examples of openapi.yaml, so that the tests of a front end need no server. */
import { type ExampleNames, mockOperations } from './client/examples.gen.ts';
import type { MockOperation, MockResponse } from './client/mock-operation.ts';
import { pathPattern } from './client/path-pattern.ts';
import { validationErrors } from './validation-errors.ts';

export type { ExampleNames } from './client/examples.gen.ts';

/**
 * What the mock responds with, by operationId: the name of an example, such as `too_many_requests`, or a function that
 * makes the response.
 */
export type MockAnswers = {
  [OperationId in keyof ExampleNames]?:
    | ExampleNames[OperationId]
    | ((request: Request) => Response | Promise<Response>);
};

/**
 * Returns a `fetch` for `createFeelingClient({ fetch })` or in place of the global one. It ignores the host. To a
 * request that is an example of the contract, it responds with the example of the same name, and to any other with the
 * first example of success. It refuses what the API refuses: another path, media type or body.
 * @param answers what it responds with instead; read at each request, so that a test can change it
 */
export function mockFetch(answers: MockAnswers = {}) {
  return async function fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const request = new Request(input instanceof Request ? input : new URL(input, 'http://mock.invalid'), init);
    request.signal.throwIfAborted();
    // Of several paths that match, the one with the fewest parameters is the most specific.
    const [operation] = mockOperations.filter((one) => serves(one, request)).sort(byVariables);
    if (!operation) return respond(mockOperations.flatMap(({ responses }) => responses).find(has({ status: 404 })));
    const answer = Object.entries(answers).find(([operationId]) => operationId === operation.operationId)?.[1];
    if (typeof answer === 'function') return answer(request);
    if (answer === undefined) return respond(await responseTo(request, operation));
    const named = operation.responses.find(has({ name: answer }));
    if (named) return respond(named);
    const names = operation.responses.map(({ name }) => name).join(', ');
    throw new RangeError(`mockFetch: ${operation.operationId} has no example "${answer}". Write one of ${names}.`);
  };
}

function byVariables(a: MockOperation, b: MockOperation): number {
  return a.path.split('{').length - b.path.split('{').length;
}

function serves({ method, path }: MockOperation, request: Request): boolean {
  return method === request.method && pathPattern(path).test(new URL(request.url).pathname);
}

async function responseTo(request: Request, operation: MockOperation): Promise<MockResponse | undefined> {
  const { validate, parameterErrors, requests, responses } = operation;
  const success = responses.find(({ status }) => status < 300);
  const problem = (type: string) => responses.find(({ body }) => isObject(body) && body['type'] === type);
  const invalid = (type: string, errors: object[]) => {
    const example = problem(type);
    return example && { ...example, body: { ...Object(example.body), errors } };
  };
  const errors = parameterErrors?.(request);
  if (errors) return invalid('/problems/invalid-parameters', errors);
  if (!validate) return success;

  const mediaType = request.headers.get('content-type')?.replace(/;.*/s, '').trim().toLowerCase();
  if (mediaType !== 'application/json') return problem('/problems/unsupported-media-type');
  const text = await request.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return problem('/problems/not-json');
  }
  if (!validate(json)) return invalid('/problems/invalid-body', validationErrors(validate));
  const name = requests.find(({ value }) => isSame(value, json))?.name;
  return responses.find((one) => one.name === name && one.status < 300) ?? success;
}

function respond(response: MockResponse | undefined): Response {
  if (!response) throw new Error('mockFetch: openapi.yaml has no example of this response.');
  const { status, headers, body } = response;
  return new Response(JSON.stringify(body), { status, headers });
}

function has(wanted: Partial<MockResponse>) {
  return ({ name, status }: MockResponse) => name === wanted.name || status === wanted.status;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isSame(a: unknown, b: unknown): boolean {
  if (!isObject(a) || !isObject(b)) return a === b;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => isSame(a[name], b[name]));
}
