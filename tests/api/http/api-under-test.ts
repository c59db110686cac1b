/** The API that the tests of http.test.ts call: the stack served here, or the deployed one. */
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import request, { type Response } from 'supertest';
import { Contract } from '../../harness/contract.ts';
import { authorization, deployedUrl, withinThrottle } from '../../harness/deployed.ts';
import { type ServedStack, type SynthesisedStack, serveStack, synthesiseStack } from '../../harness/feeling-api.ts';

/** Remembers every documented response that the tests have seen. */
export const contract = await Contract.read('feeling');

/** What is served here; nothing for a deployed API. */
export const local: { stack?: SynthesisedStack; api?: ServedStack } = {};

before(async () => {
  if (deployedUrl) return;
  local.stack = await synthesiseStack();
  local.api = await serveStack(local.stack.directory);
});
after(async () => {
  await local.api?.[Symbol.asyncDispose]();
  await local.stack?.[Symbol.asyncDispose]();
});

/** Returns the address of the API. */
export function apiUrl(): string {
  const url = deployedUrl ?? local.api?.url;
  assert(url);
  return url;
}

export const json = { 'content-type': 'application/json' };

/** Sends a body as it is, and checks the response against the contract. */
export async function post(
  body: string | Buffer,
  headers: Record<string, string> = json,
  url = apiUrl(),
): Promise<Response> {
  const asItIs = () =>
    request(url)
      .post('/feeling')
      .serialize((bytes) => bytes);
  const all = { ...authorization, ...headers };
  return checked(await withinThrottle(async () => asItIs().set(all).send(Buffer.from(body))));
}

/** @throws {AssertionError} unless the contract documents the response */
export function checked(response: Response): Response {
  contract.check({ status: response.status, headers: response.headers, text: response.text });
  return response;
}

/** Returns the problem document that a response has as its body. */
export function problem(response: Response, status: number, type: string) {
  assert.equal(response.status, status);
  assert.equal(response.headers['content-type'], 'application/problem+json');
  const body = JSON.parse(response.text);
  assert.equal(body.type, type);
  return body;
}
