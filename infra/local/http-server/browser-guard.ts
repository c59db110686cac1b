import type { IncomingMessage } from 'node:http';

/**
 * Returns whether a request may come from a web page. Web pages must not invoke functions: neither from another
 * origin nor through a host name that resolves to 127.0.0.1 (DNS rebinding). Pages can neither omit nor choose these
 * headers, and AWS clients send none of them.
 */
export function mayBeBrowser(request: IncomingMessage): boolean {
  const { headers } = request;
  return !namesThisMachine(request) || headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;
}

/** Returns whether the Host header is a name of this machine. A page of another site can only use a name of its own. */
export function namesThisMachine({ headers }: IncomingMessage): boolean {
  const host = headers.host?.toLowerCase().replace(/:\d+$/, '');
  return host === undefined || ['127.0.0.1', 'localhost', '[::1]'].includes(host);
}
