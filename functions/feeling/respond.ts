import type { FeelingRequest, FeelingResponse } from '../../shared/contract.ts';
import { feelingOf } from './feeling.ts';

/**
 * Returns the response to a valid request from any trigger, and writes the one log line of the invocation. The message
 * is personal data, so it is logged at DEBUG only.
 */
export function respond({ emoji_type, message }: FeelingRequest): FeelingResponse {
  const feeling = feelingOf(emoji_type);
  console.info({ emoji_type, feeling, message_length: message.length });
  console.debug({ message });
  return { feeling, message };
}
