/** What a client gets. Header names are in lower case. */
export interface HttpAnswer {
  status: number;
  headers: [name: string, value: string][];
  body: Buffer | string;
}

/** Answers that the gateway makes itself; an HTTP API cannot customise them (PLATFORM_FACTS 1.4). */
export const gatewayAnswers = {
  badRequest: gatewayAnswer(400, 'Bad Request'),
  notFound: gatewayAnswer(404, 'Not Found'),
  requestTimeout: gatewayAnswer(408, 'Request Timeout'),
  tooLarge: gatewayAnswer(413, 'Request Entity Too Large'),
  tooManyRequests: gatewayAnswer(429, 'Too Many Requests'),
  headersTooLarge: gatewayAnswer(431, 'Request Header Fields Too Large'),
  internalError: gatewayAnswer(500, 'Internal Server Error'),
  unavailable: gatewayAnswer(503, 'Service Unavailable'),
} as const;

export function gatewayAnswer(status: number, message: string): HttpAnswer {
  return { status, headers: [['content-type', 'application/json']], body: JSON.stringify({ message }) };
}
