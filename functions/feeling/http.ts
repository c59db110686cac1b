/** `POST /feeling`, behind API Gateway (HTTP API, payload format 2.0). */
import middy from '@middy/core';
import { validateFeelingRequest } from '../../shared/contract.ts';
import { internalProblem } from '../middleware/internal-problem.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { jsonResponse } from '../middleware/json-response.ts';
import { validBody } from '../middleware/valid-body.ts';
import { respond } from './respond.ts';

// Switches off middy's early timeout, which starts a timer for each invocation.
export const handler = middy({ timeoutEarlyInMillis: 0 })
  .use(internalProblem())
  .use(jsonBody({ example: '{"emoji_type":0,"message":"hi"}' }))
  .use(validBody(validateFeelingRequest))
  .handler(async ({ json }) => jsonResponse(200, respond(json)));
