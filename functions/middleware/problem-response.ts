import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Problem } from '../../shared/contract.ts';
import { jsonResponse } from './json-response.ts';

/** Returns a problem as an HTTP response (RFC 9457). */
export function problemResponse(problem: Problem): APIGatewayProxyStructuredResultV2 {
  return jsonResponse(problem.status, problem, 'application/problem+json');
}
