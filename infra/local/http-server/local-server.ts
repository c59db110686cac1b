import { once } from 'node:events';
import { createServer, type RequestListener, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import { listenOn } from './listen-on.ts';

/** An HTTP server on 127.0.0.1 that finishes what it has begun before it stops. */
export class LocalServer {
  readonly http: Server;
  /** Answers that are owed whatever happens. */
  private readonly owed = new Set<ServerResponse>();
  private port: number | undefined;

  constructor(options: ServerOptions, listener: RequestListener) {
    // A minute: clients of AWS are used to connections that stay.
    this.http = createServer({ keepAliveTimeout: 60_000, noDelay: true, ...options }, listener);
    // Node would drop all but the first 2000 in silence. Their size is limited anyway.
    this.http.maxHeadersCount = 0;
    // Who has said all it has to say still waits for its answer. Node has no documented option for that.
    Object.assign(this.http, { httpAllowHalfOpen: true });
  }

  /**
   * Starts to answer.
   * @param port 0 for any that is free
   * @returns the port
   * @throws {Error} with the code EADDRINUSE when the port is taken.
   */
  async listen(port: number): Promise<number> {
    this.port = await listenOn(this.http, port);
    return this.port;
  }

  /** Such as `http://127.0.0.1:3000`, once it listens. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Whether it takes requests; once it is told to stop it does not. */
  get isOpen(): boolean {
    return this.http.listening;
  }

  /** Says that a request has gone so far that it must be answered. */
  trackResponse(response: ServerResponse): void {
    this.owed.add(response);
    response.on('close', () => this.owed.delete(response));
  }

  /** Takes no more requests, and waits for the answers that are owed. Who is still sending is cut off. */
  async stop(): Promise<void> {
    const closed = once(this.http, 'close');
    this.http.close();
    this.http.closeIdleConnections();
    // A request may still arrive in full, and be owed an answer too.
    while (this.owed.size > 0) await Promise.all([...this.owed].map((response) => once(response, 'close')));
    this.http.closeAllConnections();
    await closed;
  }
}
