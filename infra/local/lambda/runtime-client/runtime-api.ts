import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { mayBeBrowser } from '../../http-server/browser-guard.ts';
import { listenOn } from '../../http-server/listen-on.ts';
import { readBody } from '../../http-server/read-body.ts';

/** What the runtime client asks and tells. A body is JSON. */
export interface RuntimeClientCalls {
  /** It waits for an invocation: `deliver` answers it. */
  next(): void;
  /** @returns whether the response is accepted; else it is answered with 413. */
  response(requestId: string, body: Buffer): boolean;
  error(requestId: string, body: Buffer): void;
  initError(body: Buffer): void;
  /** It waited for an invocation, and waits no more: its connection is closed, which shows before its end does. */
  gone(): void;
}

const prefix = '/2018-06-01/runtime';
const invocationPath = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/;

/**
 * The HTTP API that Lambda serves to the runtime of one execution environment
 * (docs: runtimes-api). It listens on 127.0.0.1, on a port of its own.
 */
export class RuntimeApi {
  private readonly server: Server;
  private readonly calls: RuntimeClientCalls;
  private waiting: ServerResponse | undefined;

  constructor(calls: RuntimeClientCalls) {
    this.calls = calls;
    this.server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, noDelay: true }, (request, response) => {
      this.serve(request, response).catch(() => response.destroy());
    });
    this.server.on('connection', (socket: Socket) => {
      socket.on('close', () => {
        if (this.waiting?.req.socket === socket) calls.gone();
      });
    });
  }

  /** @returns `host:port` */
  async listen(): Promise<string> {
    return `127.0.0.1:${await listenOn(this.server, 0)}`;
  }

  /** Whether the runtime waits for an invocation. */
  get isAsked(): boolean {
    return this.waiting !== undefined;
  }

  /** Gives the waiting runtime an invocation. */
  deliver(headers: Record<string, string>, payload: Buffer | string): void {
    this.waiting?.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(payload),
      ...headers,
    });
    this.waiting?.end(payload);
    this.waiting = undefined;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '' } = request;
    // It could take the event that is meant for the function, and answer in its place.
    if (mayBeBrowser(request)) return void response.writeHead(403).end();
    if (method === 'GET' && url === `${prefix}/invocation/next`) {
      this.waiting = response;
      this.calls.next();
      return;
    }
    const body = await readBody(request);
    const [, requestId = '', kind] = invocationPath.exec(url) ?? [];
    let accepted = true;
    if (kind === 'response') accepted = this.calls.response(requestId, body);
    else if (kind === 'error') this.calls.error(requestId, body);
    else if (url === `${prefix}/init/error`) this.calls.initError(body);
    else return void response.writeHead(404).end();

    const answer = accepted ? '{"status":"OK"}' : '{"errorType":"RequestEntityTooLarge"}';
    response.writeHead(accepted ? 202 : 413, { 'content-type': 'application/json', 'content-length': answer.length });
    response.end(answer);
  }
}
