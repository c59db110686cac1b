import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Problem } from '../../shared/contract.ts';
import { jsonAnswer } from './json-answer.ts';

/** A problem as an HTTP answer (RFC 9457). */
export function problemAnswer(problem: Problem): APIGatewayProxyStructuredResultV2 {
  return jsonAnswer(problem.status, problem, 'application/problem+json');
}
