import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { readContract } from '../../contract/contract-document.ts';
import { projectRoot } from '../../project-root.ts';
import { namesThisMachine } from '../http-server/browser-guard.ts';
import { LocalServer } from '../http-server/local-server.ts';
import type { Timeline } from '../timeline/timeline.ts';
import type { TimelineServer } from '../timeline/timeline-server.ts';
import { problemPage } from './problem-page.ts';

interface Document {
  type: string;
  content: string | Uint8Array;
}

const pages = join(projectRoot, 'infra/local/docs');
const viewer = new URL('.', import.meta.resolve('swagger-ui-dist/package.json'));

/** The timeline that the server shows. */
export interface ShownTimeline {
  timeline: Timeline;
  /** The address of the Lambda API, which entries are sent to again. */
  lambdaUrl: string;
}

/**
 * Serves the API reference, the timeline, and a page that calls the API, on 127.0.0.1. It has its own port, and therefore its own
 * origin: it calls the API across origins, as a front end does. Every document is read or built for each request, so
 * that an edit shows when the page is loaded again.
 */
export class DocsServer {
  private readonly server: LocalServer;
  private readonly api: string;
  private readonly requiresToken: () => boolean;
  private readonly shown: ShownTimeline | undefined;
  private timelineServer: Promise<TimelineServer> | undefined;
  private port = 0;
  /** By path. */
  private readonly documents: ReadonlyMap<string, () => Promise<Document>>;

  /**
   * Starts the server.
   * @param api the address of the API that the documents call
   * @param port 0 for any free port
   * @param requiresToken whether a route of the API requires a token now: only then does the reference offer to send one
   * @param shown the timeline at `/requests` @default none
   * @throws {Error} with the code EADDRINUSE when the port is taken.
   */
  static async start(
    api: string,
    port: number,
    requiresToken = () => false,
    shown: ShownTimeline | undefined = undefined,
  ): Promise<DocsServer> {
    const docs = new DocsServer(api, requiresToken, shown);
    docs.port = await docs.server.listen(port);
    return docs;
  }

  /** The address of the page. The reference is at `/reference`. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Stops, and ends the responses that are live. */
  async stop(): Promise<void> {
    (await this.timelineServer)?.close();
    await this.server.stop();
  }

  private constructor(api: string, requiresToken: () => boolean, shown: ShownTimeline | undefined) {
    this.api = api;
    this.requiresToken = requiresToken;
    this.shown = shown;
    this.documents = new Map([
      ['/', () => this.page()],
      ['/page.css', () => file(join(pages, 'page/page.css'), 'text/css')],
      ['/result.css', () => file(join(pages, 'page/result.css'), 'text/css')],
      ['/page.js', () => script('page/page.ts')],
      ['/requests', () => file(join(pages, 'requests/index.html'), 'text/html')],
      ['/requests.css', () => file(join(pages, 'requests/requests.css'), 'text/css')],
      ['/entry.css', () => file(join(pages, 'requests/entry.css'), 'text/css')],
      ['/requests.js', () => script('requests/requests.ts')],
      ['/icon.svg', () => file(join(pages, 'page/icon.svg'), 'image/svg+xml')],
      ['/reference', () => file(join(pages, 'reference/index.html'), 'text/html')],
      ['/reference.css', () => file(join(pages, 'reference/reference.css'), 'text/css')],
      ['/reference.js', () => file(join(pages, 'reference/reference.js'), 'text/javascript')],
      ['/swagger-ui.css', () => file(new URL('swagger-ui.css', viewer), 'text/css')],
      ['/swagger-ui-bundle.js', () => file(new URL('swagger-ui-bundle.js', viewer), 'text/javascript')],
      ['/openapi.yaml', () => file(join(projectRoot, 'openapi.yaml'), 'application/yaml')],
      ['/openapi.json', () => this.contract()],
    ]);
    this.server = new LocalServer({}, (request, response) => {
      this.serve(request, response);
    });
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '/' } = request;
    if (!namesThisMachine(request)) return void response.writeHead(403).end();
    const isRead = method === 'GET' || method === 'HEAD';
    const path = url.replace(/\?.*$/, '');
    const isTimeline = /^\/requests(?:$|[./])/.test(path);
    try {
      if (isTimeline && (await (await this.timeline())?.serve(request, response))) return;
      const isServed = isRead && (this.shown !== undefined || !isTimeline);
      const document = isServed ? await (this.documents.get(path)?.() ?? problemDocument(path)) : undefined;
      const { type, content } = document ?? (isTimeline && !this.shown ? noTimeline : noDocument);
      response.writeHead(document ? 200 : 404, this.headers(type, Buffer.byteLength(content)));
      response.end(method === 'HEAD' ? undefined : content);
    } catch (error) {
      // Most likely a broken edit: the person who made it looks here first.
      const text = `${error instanceof Error ? error.message : String(error)}\n`.replaceAll(projectRoot, '');
      response.writeHead(500, this.headers('text/plain', Buffer.byteLength(text)));
      response.end(text);
    }
  }

  private headers(type: string, length: number): Record<string, string | number> {
    return { 'content-type': `${type}; charset=utf-8`, 'content-length': length, ...this.commonHeaders() };
  }

  private commonHeaders(): Record<string, string> {
    return {
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      // The viewer of the reference has styles and pictures inside its script.
      'content-security-policy': [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        `connect-src 'self' ${this.api}`,
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ].join('; '),
    };
  }

  /** Returns the server of the timeline, if there is one. Loaded here: most starts never show it. */
  private timeline(): Promise<TimelineServer> | undefined {
    const { shown } = this;
    this.timelineServer ??= shown && startTimelineServer(shown, this.api, this.commonHeaders());
    return this.timelineServer;
  }

  private async page(): Promise<Document> {
    const { type, content } = await file(join(pages, 'page/index.html'), 'text/html');
    // Without the timeline, its links lead nowhere.
    const shown = String(content).replaceAll('%API%', this.api);
    return { type, content: this.shown ? shown : shown.replaceAll(/^.*data-timeline.*\n/gm, '') };
  }

  /** Returns the contract, with the API on this machine as its server. */
  private async contract(): Promise<Document> {
    const { document } = await readContract();
    const servers = [{ url: this.api, description: 'This machine' }];
    const shown = this.requiresToken() ? document : withoutSecurity(document);
    return { type: 'application/json', content: JSON.stringify({ ...shown, servers }) };
  }
}

type Contract = Awaited<ReturnType<typeof readContract>>['document'];

/** Returns a contract without security schemes: the reference then has nothing to send in the header authorization. */
function withoutSecurity({ security: _security, components, paths, ...more }: Contract): object {
  const { securitySchemes: _schemes, ...otherComponents } = components;
  const openPaths = Object.entries(paths).map(([path, operations]) => {
    const open = Object.entries(operations).map(([method, operation]) => [
      method,
      withoutMember(operation, 'security'),
    ]);
    return [path, Object.fromEntries(open)];
  });
  return { ...more, components: otherComponents, paths: Object.fromEntries(openPaths) };
}

function withoutMember(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([member]) => member !== name));
}

const noDocument: Document = {
  type: 'text/plain',
  content: 'There is no such page. Try /, /requests or /reference.\n',
};
const noTimeline: Document = {
  type: 'text/plain',
  content: 'The timeline is off. To keep requests, start without --no-timeline.\n',
};

/** Returns the page of a problem type, whose name is its path. */
async function problemDocument(path: string): Promise<Document | undefined> {
  const content = path.startsWith('/problems/') ? await problemPage(path) : undefined;
  return content === undefined ? undefined : { type: 'text/html', content };
}

async function startTimelineServer(
  { timeline, lambdaUrl }: ShownTimeline,
  url: string,
  headers: Record<string, string>,
): Promise<TimelineServer> {
  const { TimelineServer } = await import('../timeline/timeline-server.ts');
  return new TimelineServer(timeline, { url, lambdaUrl }, headers);
}

async function file(path: string | URL, type: string): Promise<Document> {
  return { type, content: await readFile(path) };
}

async function script(entry: string): Promise<Document> {
  // Loaded here: most starts never serve the page.
  const { buildInService } = await import('../../esbuild-service.ts');
  const { outputFiles } = await buildInService({
    entryPoints: [join(pages, entry)],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    sourcemap: 'inline',
    write: false,
    logLevel: 'silent',
  });
  return { type: 'text/javascript', content: outputFiles[0]?.contents ?? '' };
}
