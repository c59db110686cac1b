/** middy with its stock middlewares, and a validator compiled at build. */
import { validateFeelingRequest } from '../../shared/contract.ts';
import { stockMiddy } from './stock-middy.js';

/** Validates an event as a function compiled by ajv does, and sets `errors`. */
function eventSchema({ body }) {
  const valid = validateFeelingRequest(body);
  eventSchema.errors = validateFeelingRequest.errors;
  return valid;
}

export const handler = stockMiddy(eventSchema);
