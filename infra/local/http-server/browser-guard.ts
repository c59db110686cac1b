import type { IncomingMessage } from 'node:http';

/**
 * Whether a request may come from a web page. A page must not drive the functions of whoever looks at it:
 * neither across origins, nor by a name of its own that leads to 127.0.0.1. No AWS client is a browser, so
 * none is kept out. No page can leave out or choose these headers.
 */
export function mayBeBrowser(request: IncomingMessage): boolean {
  const { headers } = request;
  return !namesThisMachine(request) || headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;
}

/** Whether a request calls this machine by its own names: a page of another site can only do so by a name of its own. */
export function namesThisMachine({ headers }: IncomingMessage): boolean {
  const host = headers.host?.toLowerCase().replace(/:\d+$/, '');
  return host === undefined || ['127.0.0.1', 'localhost', '[::1]'].includes(host);
}
