import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';

/**
 * `uri-host [":" port]` (RFC 9110, 7.2; RFC 3986, 3.2.2): an address in brackets or a name. A comma is part of the
 * grammar of a name, but a list of hosts names no host.
 */
const hostHeader = /^(?:\[([\da-f:.]+)\]|(?:[\w.~!$&'()*+;=-]|%[\da-f]{2})+)(?::(\d{0,5}))?$/i;

/**
 * Returns whether a request names its host as HTTP requires (RFC 9112, 3.2): one Host header, with a valid host. Only
 * HTTP/1.0 may leave it out. A server must refuse any other request with 400: another server on the way could read it
 * differently.
 */
export function hasValidHost({ headers: { host }, rawHeaders, httpVersionMinor }: IncomingMessage): boolean {
  if (host === undefined) return httpVersionMinor === 0;
  const [, address, port = ''] = hostHeader.exec(host) ?? [undefined, undefined, '65536'];
  if (Number(port) > 65_535 || (address !== undefined && !isIPv6(address))) return false;
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === 4 && name.toLowerCase() === 'host') count++;
  }
  return count === 1;
}
