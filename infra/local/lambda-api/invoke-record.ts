import type { Invocation, InvocationResult } from '../lambda/invocation.ts';

/** A call of the Lambda API and its response. */
export interface InvokeReport {
  event: 'invocation';
  /** The invocation type; the HTTP method of a call that is not Invoke. */
  operation: string;
  /** The function as the caller names it; the URL of a call that is not Invoke. */
  function: string;
  status: number;
  milliseconds: number;
  /** Whether the invocation started an execution environment; undefined where the call waited for no result. */
  cold?: boolean | undefined;
  /** The function error. */
  error?: string | undefined;
  requestId: string;
}

/** A call of the Lambda API and its response in full. All of it exists already: nothing is copied for it. */
export interface InvokeRecord {
  record: 'invoke';
  report: InvokeReport;
  response: LambdaResponse;
  /** Undefined where the call was refused before it named a served function and a payload. */
  invocation: Invocation | undefined;
  /** Undefined where the call waited for no result. */
  result: InvocationResult | undefined;
}

/** A response of the Lambda API. Header names are in lower case. */
export interface LambdaResponse {
  status: number;
  headers?: Record<string, string>;
  body?: Buffer | string;
}
