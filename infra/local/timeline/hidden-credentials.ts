import type { Header } from './entry-json.ts';

/** What readers get in place of a credential. In a request that is sent again it stands for the original value. */
export const hidden = '(hidden)';

const credentialHeaders = new Set([
  'authorization',
  'cookie',
  'proxy-authorization',
  'set-cookie',
  'x-amz-security-token',
  'x-api-key',
]);

/** Returns names and values in turn as pairs. */
export function headerPairs(rawHeaders: string[]): Header[] {
  const pairs: Header[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) pairs.push([rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '']);
  return pairs;
}

export function isCredential(name: string): boolean {
  return credentialHeaders.has(name.toLowerCase());
}

/** Returns headers for a reader: the values of credentials are hidden. */
export function withoutCredentials(headers: Header[]): Header[] {
  return headers.map(([name, value]) => [name, isCredential(name) ? hidden : value]);
}

/** Returns headers that a reader has edited, with the credentials of the original where they are still hidden. */
export function withCredentials(edited: Header[], original: Header[]): Header[] {
  const left = original.filter(([name]) => isCredential(name));
  return edited.map(([name, value]) => {
    if (value !== hidden) return [name, value];
    const index = left.findIndex(([candidate]) => candidate.toLowerCase() === name.toLowerCase());
    const [found] = index < 0 ? [] : left.splice(index, 1);
    return [name, found?.[1] ?? value];
  });
}

/** Returns the event of a request for a reader, in JSON: headers and cookies that are credentials are hidden. */
export function eventWithoutCredentials(json: string): string {
  const event: unknown = JSON.parse(json);
  if (typeof event !== 'object' || event === null) return json;
  const { headers, cookies }: { headers?: unknown; cookies?: unknown } = event;
  const hasCredentials = typeof headers === 'object' && headers !== null && Object.keys(headers).some(isCredential);
  if (!hasCredentials && !Array.isArray(cookies)) return json;
  return JSON.stringify({
    ...event,
    ...(Array.isArray(cookies) && { cookies: cookies.map(() => hidden) }),
    ...(hasCredentials && {
      headers: Object.fromEntries(
        withoutCredentials(Object.entries(headers).map(([name, value]) => [name, String(value)])),
      ),
    }),
  });
}
