import type { MiddlewareObj } from '@middy/core';
import { problemAnswer } from './problem-answer.ts';

/**
 * Turns what nobody expected into a bare 500 with the request id. The error goes to the log as a
 * whole, with the errors that caused it: Lambda's JSON logging leaves `cause` out.
 */
export function internalProblem(): MiddlewareObj {
  return {
    onError: function answerInternalProblem({ error, context }) {
      const causes: unknown[] = [];
      for (let cause = error?.cause; cause instanceof Error; cause = cause.cause) causes.push(cause);
      console.error({ error, causes });
      return problemAnswer({
        type: 'about:blank',
        title: 'Internal Server Error',
        status: 500,
        request_id: context.awsRequestId,
      });
    },
  };
}
