import type { FeelingRequest, FeelingResponse } from '../../shared/contract.ts';
import { feelingOf } from './feeling.ts';

/**
 * Answers a valid request, whichever door it came through, and leaves the one log line of the
 * invocation. People's words are personal data: the message is logged at DEBUG only.
 */
export function respond({ emoji_type, message }: FeelingRequest): FeelingResponse {
  const feeling = feelingOf(emoji_type);
  console.info({ emoji_type, feeling, message_length: message.length });
  console.debug({ message });
  return { feeling, message };
}
