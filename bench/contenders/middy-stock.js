/** middy with its own middlewares, and a validator that is compiled beforehand. */
import { validateFeelingRequest } from '../../shared/contract.ts';
import { stockMiddy } from './stock-middy.js';

/** The validator takes what compiled ajv gives: a function of the event, with `errors`. */
function eventSchema({ body }) {
  const valid = validateFeelingRequest(body);
  eventSchema.errors = validateFeelingRequest.errors;
  return valid;
}

export const handler = stockMiddy(eventSchema);
