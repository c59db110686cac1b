/** Returns so many megabytes, and some bytes more. */
export const megabytes = (count: number, more = 0) => Buffer.alloc(count * 1024 * 1024 + more, 'x');

interface GatewayCase {
  when: string;
  method?: string;
  path: string;
  body?: Buffer;
  status: number;
  message: string;
}

/** Requests that the gateway answers itself, and its responses. */
export const gatewayCases: GatewayCase[] = [
  /** @aws 1.4: A path without a route gets 404 `{"message":"Not Found"}`. */
  { when: 'no route has the path', path: '/nowhere', status: 404, message: 'Not Found' },
  { when: 'no route has the root', path: '/', status: 404, message: 'Not Found' },
  /** @aws 1.4: A route's path with another method gets 404, never 405, and no `Allow`. */
  {
    when: 'a route has the path with another method',
    method: 'PUT',
    path: '/fine',
    status: 404,
    message: 'Not Found',
  },
  /** @aws 1.6: Without CORS, OPTIONS is a method without a route: 404. */
  {
    when: 'CORS is not configured and no route has OPTIONS',
    method: 'OPTIONS',
    path: '/fine',
    status: 404,
    message: 'Not Found',
  },
  /** @aws 1.5: A slash at the end of a path matches no route: 404. @unknown */
  { when: 'the path has a slash at its end', path: '/fine/', status: 404, message: 'Not Found' },
  { when: 'the path has two slashes at its start', path: '//fine', status: 404, message: 'Not Found' },
  { when: 'the path is in capitals', path: '/FINE', status: 404, message: 'Not Found' },
  /** @aws 1.1: A path with a lone `%` gets 400, and no function is invoked. The body is not recorded. @unknown */
  { when: 'the path cannot be decoded', path: '/%E0%A4%A', status: 400, message: 'Bad Request' },
  /** @aws 1.4: A body of more than 10 MB gets 413. */
  {
    when: 'the body is larger than 10 MB',
    method: 'POST',
    path: '/measures',
    body: megabytes(10, 1),
    status: 413,
    message: 'Request Entity Too Large',
  },
  /** @aws 1.4: An event of more than 6 MB gets 413, also where base64 makes it larger. */
  {
    when: 'the event is larger than 6 MB because of base64',
    method: 'POST',
    path: '/measures',
    body: megabytes(5),
    status: 413,
    message: 'Request Entity Too Large',
  },
  /** @aws 1.4: A function that outlasts the integration timeout: 503 `{"message":"Service Unavailable"}`. */
  { when: 'the integration times out', path: '/waits', status: 503, message: 'Service Unavailable' },
];
