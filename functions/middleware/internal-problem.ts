import type { MiddlewareObj } from '@middy/core';
import { problemResponse } from './problem-response.ts';

/**
 * Turns what nobody expected into a bare 500 with the request id. The error goes to the log as a
 * whole, with the errors that caused it: Lambda's JSON logging leaves `cause` out.
 */
export function internalProblem(): MiddlewareObj {
  return {
    onError: function respondInternalProblem({ error, context }) {
      const causes: unknown[] = [];
      for (let cause = error?.cause; cause instanceof Error; cause = cause.cause) causes.push(cause);
      // The type stands where Lambda puts that of an error it logs itself: the metric filter looks for it there.
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
