import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { newRequestId } from '../aws/ids.ts';
import { gatewayResponses, type HttpResponse } from './gateway-response.ts';

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
}

/**
 * Refuses malformed requests and closes their connection. Earlier requests on the same connection may still wait for
 * their responses. The refusal is sent after those, or the client would take it for one of them.
 */
export class MalformedRequests {
  private readonly inFlight = new WeakMap<Duplex, Set<Exchange>>();
  private readonly refused = new WeakSet<Duplex>();
  private readonly lingerMs: number;

  /** @param lingerMs how long a connection stays open after the refusal, so that the client can read it */
  constructor(server: Server, lingerMs: number) {
    this.lingerMs = lingerMs;
    server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
      if (error.code === 'ECONNRESET') socket.destroy();
      else this.refuse(socket, responseTo(error));
    });
    // By default Node drops the connection. CONNECT asks for a tunnel to another host, and this is no proxy.
    server.on('connect', (_request, socket: Duplex) => {
      socket.on('error', () => socket.destroy());
      socket.resume();
      this.refuse(socket, gatewayResponses.badRequest);
    });
  }

  /** Refuses a malformed request. @returns whether the request is well-formed and needs a response */
  admit(request: IncomingMessage, response: ServerResponse): boolean {
    const { socket } = request;
    if (this.refused.has(socket) || isAmbiguous(request)) {
      this.reject(request);
      return false;
    }
    const exchanges = this.inFlight.get(socket) ?? new Set();
    this.inFlight.set(socket, exchanges);
    const exchange = { request, response };
    exchanges.add(exchange);
    response.on('close', () => {
      // After an early response the next bytes still belong to this request.
      if (request.complete) exchanges.delete(exchange);
      else request.on('close', () => exchanges.delete(exchange));
    });
    return true;
  }

  /** Responds with 400 to a request and closes its connection. */
  reject(request: IncomingMessage): void {
    request.resume();
    this.refuse(request.socket, gatewayResponses.badRequest);
  }

  private refuse(socket: Duplex, refusal: HttpResponse): void {
    // The parser reports an error for each later chunk too.
    if (this.refused.has(socket)) return;
    this.refused.add(socket);
    const exchanges = [...(this.inFlight.get(socket) ?? [])];
    const broken = exchanges.find(({ request }) => !request.complete)?.response;
    const last = exchanges.findLast(({ request }) => request.complete)?.response;
    onceSent(last, () => {
      // A request gets one response, even if its body turns out to be malformed later. No response follows one with
      // `Connection: close`.
      if (broken?.headersSent) {
        onceSent(broken, () => this.end(socket, ''));
        broken.end();
      } else this.end(socket, last && !last.shouldKeepAlive ? '' : bytesOf(refusal));
    });
  }

  private end(socket: Duplex, bytes: string): void {
    if (!socket.writable) {
      socket.destroy();
      return;
    }
    socket.end(bytes);
    // Discards what still arrives: a client that is cut off while it sends would lose the response.
    const timer = setTimeout(() => socket.destroy(), this.lingerMs).unref();
    socket.on('close', () => clearTimeout(timer));
  }
}

/** Calls back when a response is written to the socket, before Node, which may then end the socket. */
function onceSent(response: ServerResponse | undefined, next: () => void): void {
  if (!response || response.writableFinished) next();
  else response.prependOnceListener('finish', next);
}

/**
 * Returns whether another server could read a request differently, which Node's parser accepts: a transfer coding
 * that nobody decodes, a version before HTTP/1.0 (RFC 9112, 2.3, 6.1).
 */
function isAmbiguous({ headers, httpVersionMajor }: IncomingMessage): boolean {
  const { 'transfer-encoding': coding = 'chunked' } = headers;
  return coding.toLowerCase() !== 'chunked' || httpVersionMajor !== 1;
}

function responseTo({ code }: NodeJS.ErrnoException): HttpResponse {
  if (code === 'HPE_HEADER_OVERFLOW') return gatewayResponses.headersTooLarge;
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return gatewayResponses.requestTimeout;
  return gatewayResponses.badRequest;
}

function bytesOf({ status, body }: HttpResponse): string {
  return (
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nDate: ${new Date().toUTCString()}\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n` +
    `Apigw-Requestid: ${newRequestId()}\r\n\r\n${body}`
  );
}
