/** What a client gets. Header names are in lower case. */
export interface HttpResponse {
  status: number;
  headers: [name: string, value: string][];
  body: Buffer | string;
}

/** Answers that the gateway makes itself; an HTTP API cannot customise them (PLATFORM_FACTS 1.4). */
export const gatewayResponses = {
  badRequest: gatewayResponse(400, 'Bad Request'),
  notFound: gatewayResponse(404, 'Not Found'),
  requestTimeout: gatewayResponse(408, 'Request Timeout'),
  tooLarge: gatewayResponse(413, 'Request Entity Too Large'),
  tooManyRequests: gatewayResponse(429, 'Too Many Requests'),
  headersTooLarge: gatewayResponse(431, 'Request Header Fields Too Large'),
  internalError: gatewayResponse(500, 'Internal Server Error'),
  unavailable: gatewayResponse(503, 'Service Unavailable'),
} as const;

export function gatewayResponse(status: number, message: string): HttpResponse {
  return { status, headers: [['content-type', 'application/json']], body: JSON.stringify({ message }) };
}
