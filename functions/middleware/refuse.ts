import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Problem } from '../../shared/contract.ts';
import { problemResponse } from './problem-response.ts';

/**
 * Returns the response to an invalid request, and writes the one log line of the invocation. A problem quotes nothing
 * of the request, so it is safe to log.
 *
 * A middleware returns it. Throwing would cost a stack trace that no one reads.
 */
export function refuse(problem: Exclude<Problem, { status: 500 }>): APIGatewayProxyStructuredResultV2 {
  console.info({ refused: problem });
  return problemResponse(problem);
}
