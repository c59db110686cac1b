import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { mayBeBrowser } from '../../http-server/browser-guard.ts';
import { listenOn } from '../../http-server/listen-on.ts';
import { readBody } from '../../http-server/read-body.ts';

/** The calls of the runtime client. A body is JSON. */
export interface RuntimeClientCalls {
  /** The client waits for an invocation. Respond with `deliver`. */
  next(): void;
  /** @returns whether the response is accepted. If not, the client gets 413. */
  response(requestId: string, body: Buffer): boolean;
  error(requestId: string, body: Buffer): void;
  initError(body: Buffer): void;
  /** The connection closed while the client waited for an invocation. This shows before the process's exit does. */
  disconnected(): void;
}

const prefix = '/2018-06-01/runtime';
const invocationPath = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/;

/**
 * The Runtime API: the HTTP API that Lambda serves to the runtime client of one execution environment (docs:
 * runtimes-api). It listens on a port of its own.
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
        if (this.waiting?.req.socket === socket) calls.disconnected();
      });
    });
  }

  /** Starts to listen. @returns `host:port` */
  async listen(): Promise<string> {
    return `127.0.0.1:${await listenOn(this.server, 0)}`;
  }

  /** Whether the client waits for an invocation. */
  get isWaiting(): boolean {
    return this.waiting !== undefined;
  }

  /** Sends an invocation to the waiting client. */
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
    // A web page could read the function's event and respond in its place.
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

    const status = accepted ? '{"status":"OK"}' : '{"errorType":"RequestEntityTooLarge"}';
    response.writeHead(accepted ? 202 : 413, { 'content-type': 'application/json', 'content-length': status.length });
    response.end(status);
  }
}
