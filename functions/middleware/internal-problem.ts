import type { MiddlewareObj } from '@middy/core';
import { problemResponse } from './problem-response.ts';

/**
 * Turns an unexpected error into a 500 that holds only the request ID. Logs the error with its causes, because
 * Lambda's JSON logging omits `cause`.
 */
export function internalProblem(): MiddlewareObj {
  return {
    onError: function respondInternalProblem({ error, context }) {
      const causes: unknown[] = [];
      for (let cause = error?.cause; cause instanceof Error; cause = cause.cause) causes.push(cause);
      // Lambda logs its own errors with `errorType` in the same place, so one metric filter matches both.
      console.error({ errorType: error?.name, error, causes });
      return problemResponse({
        type: 'about:blank',
        title: 'Internal Server Error',
        status: 500,
        request_id: context.awsRequestId,
      });
    },
  };
}
