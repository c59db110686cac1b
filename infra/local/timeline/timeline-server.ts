import type { IncomingMessage, ServerResponse } from 'node:http';
import { isOwnPageOrProgram } from '../http-server/browser-guard.ts';
import { BodyTooLargeError, readBody } from '../http-server/read-body.ts';
import { changesJson, streamChanges } from './change-stream.ts';
import type { Endpoints } from './entry-commands.ts';
import { entryDetail } from './entry-detail.ts';
import { refusedReplay, replay, replayEdits } from './replay.ts';
import type { Timeline } from './timeline.ts';

/** The most pages that can be live at a time. */
const mostStreams = 20;
/** An edited body, in JSON. */
const mostBytes = 8 * 1024 * 1024;

/** The timeline over HTTP, as JSON and as server-sent events. Pages of other sites are refused. */
export class TimelineServer {
  private readonly timeline: Timeline;
  private readonly endpoints: Endpoints;
  private readonly headers: Record<string, string>;
  private readonly streams = new Set<ServerResponse>();

  /** @param headers that every response has */
  constructor(timeline: Timeline, endpoints: Endpoints, headers: Record<string, string>) {
    this.timeline = timeline;
    this.endpoints = endpoints;
    this.headers = headers;
  }

  /**
   * Responds to a request.
   * @returns false if the path is not one of these: `/requests.json`, `/requests/events`, `/requests/ID.json` and
   *   `/requests/ID/replay`
   */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const { method = '', url = '/' } = request;
    const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
    const [, id, action] = /^\/requests\/([^/]+?)(\.json|\/replay)$/.exec(pathname) ?? [];
    const isList = pathname === '/requests.json';
    const isStream = pathname === '/requests/events';
    if (!isList && !isStream && id === undefined) return false;
    if (!isOwnPageOrProgram(request)) {
      this.refuse(response, 403, 'Only programs on this machine and the page of this server can read this.');
    } else if (method !== (action === '/replay' ? 'POST' : 'GET')) {
      this.refuse(response, 405, `Use ${action === '/replay' ? 'POST' : 'GET'}.`);
    } else if (id !== undefined) {
      await this.serveEntry(decode(id), action === '/replay', request, response);
    } else {
      const cursor = cursorOf(request.headers['last-event-id'] ?? searchParams.get('after') ?? undefined);
      if (cursor === 'invalid') this.refuse(response, 400, 'after: write `next` of an earlier response.');
      else if (isStream) this.stream(response, cursor);
      else this.send(response, 200, changesJson(this.timeline, cursor).json);
    }
    return true;
  }

  /** Ends the responses that would otherwise never end. */
  close(): void {
    for (const response of this.streams) response.end();
  }

  private stream(response: ServerResponse, cursor: number | undefined): void {
    if (this.streams.size >= mostStreams) {
      this.refuse(response, 503, `At most ${mostStreams} pages can be live at a time. Close one.`);
      return;
    }
    this.streams.add(response);
    response.on('close', () => this.streams.delete(response));
    response.writeHead(200, { ...this.headers, 'content-type': 'text/event-stream; charset=utf-8' });
    streamChanges(this.timeline, response, cursor);
  }

  private async serveEntry(id: string, isReplay: boolean, request: IncomingMessage, response: ServerResponse) {
    const entry = this.timeline.find(id);
    if (!entry) this.refuse(response, 404, 'There is no such entry. Only the last ones are kept.');
    else if (isReplay) await this.replay(entry, request, response);
    else {
      const options = { ...this.endpoints, translate: this.timeline.translate };
      this.send(response, 200, JSON.stringify(entryDetail(entry, options)));
    }
  }

  private async replay(
    entry: NonNullable<ReturnType<Timeline['find']>>,
    request: IncomingMessage,
    response: ServerResponse,
  ) {
    // A page of another site can send no JSON without a preflight, which nothing here answers.
    if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) {
      return this.refuse(response, 415, 'Send application/json: {} or what to change.');
    }
    try {
      const edits = replayEdits.safeParse(JSON.parse((await readBody(request, mostBytes)).toString() || '{}'));
      if (!edits.success) {
        const [issue] = edits.error.issues;
        return this.refuse(response, 400, `${issue?.path.join('.') || 'body'}: ${issue?.message}`);
      }
      const refused = refusedReplay(entry, edits.data);
      if (refused !== undefined) return this.refuse(response, 409, refused);
      const sent = await replay(entry, edits.data, this.endpoints);
      this.timeline.markReplay(sent.id, entry.id);
      this.send(response, 200, JSON.stringify(sent));
    } catch (error) {
      const status = error instanceof BodyTooLargeError ? 413 : 400;
      this.refuse(response, status, error instanceof Error ? error.message : String(error));
    }
  }

  private send(response: ServerResponse, status: number, json: string): void {
    response.writeHead(status, {
      ...this.headers,
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(json),
    });
    response.end(json);
  }

  private refuse(response: ServerResponse, status: number, message: string): void {
    this.send(response, status, JSON.stringify({ message }));
  }
}

function cursorOf(text: string | string[] | undefined): number | undefined | 'invalid' {
  if (text === undefined || text === '') return undefined;
  return /^\d{1,16}$/.test(String(text)) ? Number(text) : 'invalid';
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
