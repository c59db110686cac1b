import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { mayBeBrowser } from '../../http-server/browser-guard.ts';
import { listenOn } from '../../http-server/local-server.ts';
import { BodyTooLargeError, readBody } from '../../http-server/read-body.ts';

/** The calls of the runtime client. A body is JSON. */
export interface RuntimeClientCalls {
  /** The client waits for an invocation. Respond with `deliver`. */
  next(): void;
  /** @param body undefined if it is too large. @returns whether the response is accepted. If not, the client gets 413. */
  response(requestId: string, body: Buffer | undefined): boolean;
  error(requestId: string, body: Buffer): void;
  /** The connection broke in the middle of a response. */
  brokenResponse(requestId: string): void;
  initError(body: Buffer): void;
  /** The connection closed while the client waited for an invocation. This shows before the process's exit does. */
  disconnected(): void;
}

const prefix = '/2018-06-01/runtime';
const errorTypeTrailer = 'lambda-runtime-function-error-type';
/** The error in Lambda's shape, in base64. */
const errorBodyTrailer = 'lambda-runtime-function-error-body';
/** The response may be 6 MB plus its envelope (docs: gettingstarted-limits). */
export const maxResponseBytes = 6_291_556;
/** Of the trailers: an error in base64. Node's default of 16 KB would end the connection. */
const maxErrorBytes = 2 * maxResponseBytes;
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
    const options = { keepAliveTimeout: 0, requestTimeout: 0, noDelay: true, maxHeaderSize: maxErrorBytes };
    this.server = createServer(options, (request, response) => {
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
    const [, requestId = '', kind] = invocationPath.exec(url) ?? [];
    let accepted = true;
    if (kind === 'response') {
      request.on('error', () => this.calls.brokenResponse(requestId));
      accepted = await this.readResponse(requestId, request);
    } else if (kind === 'error') this.calls.error(requestId, await readBody(request));
    else if (url === `${prefix}/init/error`) this.calls.initError(await readBody(request));
    else return void response.writeHead(404).end();

    const status = accepted ? '{"status":"OK"}' : '{"errorType":"RequestEntityTooLarge"}';
    response.writeHead(accepted ? 202 : 413, { 'content-type': 'application/json', 'content-length': status.length });
    response.end(status);
  }

  /** @returns whether the response is accepted */
  private async readResponse(requestId: string, request: IncomingMessage): Promise<boolean> {
    const body = await readBody(request, maxResponseBytes).catch((error: unknown) => {
      if (error instanceof BodyTooLargeError) return undefined;
      throw error;
    });
    // A streaming handler that fails has sent its headers by then: the error follows the body (docs: runtimes-custom).
    const { [errorTypeTrailer]: errorType, [errorBodyTrailer]: errorBody } = request.trailers;
    if (errorType === undefined && errorBody === undefined) return this.calls.response(requestId, body);
    const error = Buffer.from(errorBody ?? '', 'base64');
    this.calls.error(requestId, error.length > 0 ? error : Buffer.from(JSON.stringify({ errorType })));
    return true;
  }
}
