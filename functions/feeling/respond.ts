import type { Feeling, FeelingRequest, FeelingResponse } from '../../shared/contract.ts';
import { feelingOf } from './feeling.ts';

/** Returns the response to a valid request, and writes the one log line of the invocation. */
export function respond(request: FeelingRequest): FeelingResponse {
  const { emoji_type, message } = request;
  const feeling = feelingOf(emoji_type);
  logResponse(request, feeling);
  return { feeling, message };
}

/**
 * Writes the log line of a request from any trigger. The message is personal data, so it is logged at DEBUG only.
 * @param more members of the line that only this trigger has
 */
export function logResponse({ emoji_type, message }: FeelingRequest, feeling: Feeling, more?: object): void {
  console.info({ ...more, emoji_type, feeling, message_length: message.length });
  console.debug({ message });
}
