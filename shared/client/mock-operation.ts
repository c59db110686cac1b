import type { ValidateFunction } from 'ajv';
import type { ValidationError } from '../contract.ts';

/** What the mock knows of an operation. */
export interface MockOperation {
  operationId: string;
  /** Upper case. */
  method: string;
  /** With `{name}` for a parameter. */
  path: string;
  /** The examples of the JSON request body. */
  requests: { name: string; value: unknown }[];
  /** The examples of the responses, in the order of the contract. */
  responses: MockResponse[];
  /** Checks the JSON request body, if there is one. */
  validate?: ValidateFunction;
  /** Returns the errors of path, query and headers, if the operation has parameters. */
  parameterErrors?: (request: Request) => ValidationError[] | undefined;
}

export interface MockResponse {
  name: string;
  status: number;
  headers: Record<string, string>;
  body: unknown;
}
