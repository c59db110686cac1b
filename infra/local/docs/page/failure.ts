import type { GatewayError, Problem, UnexpectedResponse } from '../../../../shared/client.ts';

/** What failed, and what the person at the page can do. */
export interface Failure {
  title: string;
  advice: string;
}

/** How long to wait for any response of the API's address. */
const probeMs = 3000;

/** Describes a response of the API that has no feeling. */
export function failureOfAnswer(
  error: Problem | GatewayError | UnexpectedResponse,
  { status, headers }: Response,
): Failure {
  const requestId = 'request_id' in error ? error.request_id : headers.get('apigw-requestid');
  const reference = requestId ? ` It is request ${requestId} in the logs.` : '';
  switch (status) {
    case 401:
      return {
        title: 'This API requires a token',
        advice: 'This page has none. Call the API with a token of your own.',
      };
    case 413:
      return { title: 'The message is too long', advice: 'Shorten it and send it again.' };
    case 429:
      return {
        title: 'The API is busy',
        advice: 'Too many requests came at once, and retries did not help. Wait a moment, then send it again.',
      };
    case 503:
      return { title: 'The API cannot answer now', advice: `Wait a moment, then send it again.${reference}` };
    case 500:
      return { title: 'Something failed in the API', advice: `Your message is not the cause.${reference}` };
    default:
      if ('body' in error) {
        return { title: 'The answer cannot be read', advice: 'What answers there may not be the Feeling API.' };
      }
      return {
        title: `The API answered ${status}`,
        advice: 'title' in error ? `${error.title}. ${'detail' in error ? error.detail : ''}` : error.message,
      };
  }
}

/** Describes why there is no response: it took too long, nothing answers, or CORS refuses this page. */
export async function failureOfSending(error: unknown, api: string, signal: AbortSignal): Promise<Failure> {
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return { title: 'The API took too long', advice: 'No answer came in time. Send it again.' };
  }
  if (await answersAnybody(api, signal)) {
    return {
      title: 'The API does not answer this page',
      advice: `It is there, but its allowedOrigins do not have ${location.origin}. Add it, and start the API again.`,
    };
  }
  return {
    title: 'The API cannot be reached',
    advice: `Nothing answers at ${api}. Start it with npm start, then send it again: your message is still here.`,
  };
}

/** To a page, an API that is down and a refusal by CORS look the same. A request without CORS tells them apart. */
async function answersAnybody(api: string, signal: AbortSignal): Promise<boolean> {
  return fetch(api, { mode: 'no-cors', signal: AbortSignal.any([signal, AbortSignal.timeout(probeMs)]) }).then(
    () => true,
    () => false,
  );
}
