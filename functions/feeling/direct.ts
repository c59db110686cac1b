/**
 * The feeling for whoever invokes the function itself: AWS CLI and SDK, Step Functions, EventBridge,
 * another Lambda. Event and result are the request and the answer of `POST /feeling`.
 */
import { type FeelingResponse, validateFeelingRequest } from '../../shared/contract.ts';
import { InvalidEvent } from './invalid-event.ts';
import { respond } from './respond.ts';

/** @throws {InvalidEvent} when the event is not a valid request. */
export async function handler(event: unknown): Promise<FeelingResponse> {
  if (!validateFeelingRequest(event)) throw new InvalidEvent(validateFeelingRequest);
  return respond(event);
}
