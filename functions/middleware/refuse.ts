import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Problem } from '../../shared/contract.ts';
import { problemResponse } from './problem-response.ts';

/**
 * Answers a request that cannot be used, and leaves the one log line of the invocation. Problems
 * quote nothing that the user wrote, so the whole of it may be logged.
 *
 * It is returned from a middleware, not thrown: an error would cost a stack trace that nobody reads.
 */
export function refuse(problem: Exclude<Problem, { status: 500 }>): APIGatewayProxyStructuredResultV2 {
  console.info({ refused: problem });
  return problemResponse(problem);
}
