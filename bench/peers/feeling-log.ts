/** The rule and the one log line, which every peer except the minimum has. */

export function feelingOf({ emoji_type, message }: { emoji_type: number; message: string }) {
  const feeling = emoji_type === 0 ? 'positive' : emoji_type === 1 ? 'neutral' : 'negative';
  console.info({ emoji_type, feeling, message_length: message.length });
  console.debug({ message });
  return { feeling, message };
}

/** Logs a problem and returns it. */
export function refused<P extends { type: string; title: string; status: number }>(problem: P): P {
  console.info({ refused: problem });
  return problem;
}

export const headers = {
  'cache-control': 'no-store',
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
};

export const problems = {
  unsupportedMediaType: {
    type: '/problems/unsupported-media-type',
    title: 'The media type is not supported',
    status: 415,
    detail: 'Send the header "content-type: application/json" and the body in UTF-8, not compressed.',
  },
  notJson: {
    type: '/problems/not-json',
    title: 'The body is not JSON',
    status: 400,
    detail: 'Send a JSON object in UTF-8, such as {"emoji_type":0,"message":"hi"}.',
  },
  invalidBody: {
    type: '/problems/invalid-body',
    title: 'The body does not match the schema',
    status: 400,
    detail: 'Correct every member that is listed in "errors" and send the request again.',
  },
} as const;
