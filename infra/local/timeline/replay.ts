import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { connectionHeaders } from '../http-api/request-event.ts';
import type { Entry, HttpEntry } from './entry.ts';
import type { Endpoints } from './entry-commands.ts';
import { headerPairs, withCredentials } from './hidden-credentials.ts';
import { mostOfBody, wholeText } from './kept-body.ts';
import { bodyOf } from './request-body.ts';

/** What a person changes before an entry is sent again. Absent members stay as they were. */
export const replayEdits = z.strictObject({
  /** Of an HTTP request. */
  method: z
    .string()
    .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/)
    .optional(),
  /** The target, such as `/feeling?a=b`. */
  url: z
    .string()
    .regex(/^\/[\x21-\x7e]*$/)
    .optional(),
  headers: z.array(z.tuple([z.string(), z.string()])).optional(),
  body: z.string().optional(),
  /** Of an invocation or an asynchronous event. */
  event: z.string().optional(),
});
export type ReplayEdits = z.infer<typeof replayEdits>;

/** Returns why an entry cannot be sent again, in a sentence; undefined where it can. */
export function refusedReplay(entry: Entry, edits: ReplayEdits = {}): string | undefined {
  if (entry.kind === 'http') return edits.body === undefined && bodyOf(entry) === 'cut' ? cut : undefined;
  if (!entry.target) return 'The call was refused before it named a function and an event.';
  if (edits.event !== undefined) return undefined;
  if (!entry.payload) return 'The event was resumed from the disk, and has not run since.';
  return wholeText(entry.payload) === undefined ? cut : undefined;
}

const cut = `Only the first ${mostOfBody.toLocaleString('en')} bytes of the event were kept.`;

/**
 * Sends an entry again, as its client did: through the gateway or through the Lambda API.
 * @returns the id of the new entry, and the status of the response
 * @throws {Error} when an edited header cannot be sent, or when the server cannot be reached.
 */
export function replay(
  entry: Entry,
  edits: ReplayEdits,
  endpoints: Endpoints,
): Promise<{ id: string; status: number }> {
  return entry.kind === 'http'
    ? replayRequest(entry, edits, endpoints.url)
    : replayInvocation(entry, edits, endpoints.lambdaUrl);
}

function replayRequest(entry: HttpEntry, edits: ReplayEdits, apiUrl: string) {
  const { method = entry.report.method, url = entry.url } = edits;
  const original = headerPairs(entry.rawHeaders);
  const kept = bodyOf(entry);
  const body = edits.body === undefined ? (kept === 'cut' ? undefined : kept) : Buffer.from(edits.body);
  const headers = withCredentials(edits.headers ?? original, original).filter(
    ([name]) => !connectionHeaders.has(name.toLowerCase()) && name.toLowerCase() !== 'content-length',
  );
  if (!headers.some(([name]) => name.toLowerCase() === 'host')) headers.push(['host', new URL(apiUrl).host]);
  return send(apiUrl, { method, path: url, headers, body, idHeader: 'apigw-requestid' });
}

function operationOf(entry: Exclude<Entry, HttpEntry>): string {
  if (entry.kind === 'invoke') return entry.report.operation;
  // The messages of a batch stay where they are: its function is invoked with them.
  return entry.kind === 'event' ? 'Event' : 'RequestResponse';
}

function replayInvocation(entry: Exclude<Entry, HttpEntry>, { event }: ReplayEdits, lambdaUrl: string) {
  const { target, clientContext } = entry;
  const type = operationOf(entry);
  const headers: [string, string][] = [
    ['host', new URL(lambdaUrl).host],
    ['x-amz-invocation-type', type],
  ];
  if (clientContext !== undefined)
    headers.push(['x-amz-client-context', Buffer.from(clientContext).toString('base64')]);
  return send(lambdaUrl, {
    method: 'POST',
    path: `/2015-03-31/functions/${encodeURIComponent(target?.name ?? '')}/invocations`,
    headers,
    body: Buffer.from(event ?? wholeText(entry.payload) ?? ''),
    idHeader: 'x-amzn-requestid',
  });
}

interface Sent {
  method: string;
  path: string;
  headers: [name: string, value: string][];
  body: Buffer | undefined;
  /** The header of the response that has the id of the new entry. */
  idHeader: string;
}

function send(url: string, { method, path, headers, body, idHeader }: Sent): Promise<{ id: string; status: number }> {
  const { hostname, port } = new URL(url);
  const { promise, resolve, reject } = Promise.withResolvers<{ id: string; status: number }>();
  const all = body ? [...headers, ['content-length', String(body.length)]] : headers;
  const outgoing = request({ hostname, port, method, path, headers: all.flat(), agent: false });
  outgoing.on('error', reject);
  outgoing.on('response', (response) => {
    const id = String(response.headers[idHeader] ?? '');
    text(response).then(() => resolve({ id, status: response.statusCode ?? 0 }), reject);
  });
  outgoing.end(body);
  return promise;
}
