import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { Server as TcpServer } from 'node:net';
import { BodyBudget } from './body-budget.ts';
import { hasValidHost } from './valid-host.ts';

/** Connections that may wait to be accepted. Node's default is 511: in a larger burst clients retry after a second. */
const backlog = 4096;

export interface LocalServerOptions extends ServerOptions {
  bodyBytes?: number | undefined;
}

/**
 * An HTTP server on 127.0.0.1. It refuses requests without a valid Host, and finishes requests in flight before it
 * stops.
 */
export class LocalServer {
  readonly http: Server;
  /** The bytes of bodies that it holds. */
  readonly bodies: BodyBudget;
  /** Responses that a stop waits for. */
  private readonly pending = new Set<ServerResponse>();
  private port: number | undefined;

  /**
   * @param options `bodyBytes` is the most bytes of bodies that it holds at a time
   * @param refuse responds to a request without a valid Host @default a 400 that closes the connection
   */
  constructor(
    { bodyBytes, ...options }: LocalServerOptions,
    listener: RequestListener,
    refuse: RequestListener = refuseHost,
  ) {
    this.bodies = new BodyBudget(bodyBytes);
    // Clients of AWS expect long-lived connections: a minute.
    const defaults: ServerOptions = { keepAliveTimeout: 60_000, noDelay: true, requireHostHeader: false };
    this.http = createServer({ ...defaults, ...options }, (request, response) => {
      // The end of such a request is uncertain: RFC 9112, 6.1.
      if (request.httpVersionMinor === 0 && 'transfer-encoding' in request.headers) response.shouldKeepAlive = false;
      if (hasValidHost(request)) listener(request, response);
      else refuse(request, response);
    });
    // Node silently drops every header after the first 2000. Their size is limited anyway.
    this.http.maxHeadersCount = 0;
    // A client that has closed its sending side still waits for its response. Node has no documented option for that.
    Object.assign(this.http, { httpAllowHalfOpen: true });
  }

  /**
   * Starts to serve.
   * @param port 0 for any free port
   * @returns the port
   * @throws {Error} with the code EADDRINUSE when the port is taken.
   */
  async listen(port: number): Promise<number> {
    this.port = await listenOn(this.http, port);
    return this.port;
  }

  /** The URL, such as `http://127.0.0.1:3000`, once the server listens. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Whether the server accepts requests: true until it is stopped. */
  get isOpen(): boolean {
    return this.http.listening;
  }

  /** Makes a stop wait until this response is sent or its connection is closed. */
  trackResponse(response: ServerResponse): void {
    this.pending.add(response);
    response.on('close', () => this.pending.delete(response));
  }

  /** Accepts no more requests and waits for the tracked responses. Closes connections that are still sending. */
  async stop(): Promise<void> {
    const closed = once(this.http, 'close');
    // Not that of HTTP: it also closes connections whose last response the client has not read in full.
    TcpServer.prototype.close.call(this.http);
    // A request may complete during the wait, and its response is then tracked too.
    while (this.pending.size > 0) await Promise.all([...this.pending].map((response) => once(response, 'close')));
    this.http.closeAllConnections();
    // Ends its timers too.
    this.http.close();
    await closed;
  }
}

function refuseHost(request: IncomingMessage, response: ServerResponse): void {
  const body = JSON.stringify({ message: 'Bad Request: send one Host header with a valid host.' });
  request.resume();
  response.shouldKeepAlive = false;
  response.writeHead(400, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
}

/**
 * Makes a server listen on 127.0.0.1 only.
 * @param port 0 for any free port
 * @returns the port
 * @throws {Error} with the code EADDRINUSE when the port is taken.
 */
export async function listenOn(server: Server, port: number): Promise<number> {
  server.listen({ port, host: '127.0.0.1', backlog });
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('The server has no port.');
  return address.port;
}
