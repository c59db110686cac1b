import type { Invocation, InvocationResult } from '../lambda/invocation.ts';
import type { HttpResponse } from './gateway-response.ts';

/** A request and its response. */
export interface RequestReport {
  event: 'request';
  method: string;
  path: string;
  status: number;
  milliseconds: number;
  /** Whether the invocation started an execution environment; undefined where no function ran in time. */
  cold?: boolean | undefined;
  /** The function error. The client does not see it. */
  error?: string | undefined;
  /** The request id of the invocation; undefined where no function was invoked. */
  requestId?: string | undefined;
}

/** The end of an invocation that outlasted the integration timeout. */
export interface LateReport {
  event: 'late';
  function: string;
  requestId: string;
  /** Since the request arrived. */
  milliseconds: number;
  error?: string | undefined;
}

/** A request and its response in full. All of it exists already: nothing is copied for it. */
export interface HttpRecord {
  record: 'http';
  report: RequestReport;
  /** The gateway's own, in the header `apigw-requestid`. */
  gatewayRequestId: string;
  /** The target as the client sent it. */
  url: string;
  /** Names and values in turn, as the client sent them. */
  rawHeaders: string[];
  response: HttpResponse;
  /** Its payload has the body. Undefined where no function was invoked: the body may not have been read then. */
  invocation: Invocation | undefined;
  /** Undefined where the function was not invoked or did not end in time. */
  result: InvocationResult | undefined;
}

/** The result of an invocation that outlasted the integration timeout. Follows its report. */
export interface LateRecord {
  record: 'late';
  requestId: string;
  result: InvocationResult;
}
