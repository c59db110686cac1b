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

/**
 * Returns whether a request comes from a program or from a page of this server itself. A page of another site, or of
 * another port of this machine, has another origin, which its browser sends. Older browsers send only `Origin`.
 */
export function isOwnPageOrProgram(request: IncomingMessage): boolean {
  const { origin, host, 'sec-fetch-site': site } = request.headers;
  if (!namesThisMachine(request) || (origin !== undefined && origin !== `http://${host}`)) return false;
  // `none` is an address that a person has typed.
  return site === undefined || site === 'same-origin' || site === 'none';
}
