/**
 * Direct invocation by the AWS CLI and SDK, Step Functions, EventBridge or another Lambda function. The event is the
 * request body of `POST /feeling`, the result is its response body.
 */
import { type FeelingResponse, validateFeelingRequest } from '../../shared/contract.ts';
import { InvalidEvent } from './invalid-event.ts';
import { respond } from './respond.ts';

/** @throws {InvalidEvent} if the event does not match the contract */
export async function handler(event: unknown): Promise<FeelingResponse> {
  if (!validateFeelingRequest(event)) throw new InvalidEvent(validateFeelingRequest);
  return respond(event);
}
