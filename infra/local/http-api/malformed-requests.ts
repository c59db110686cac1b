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
 * Refuses what is no request, and closes the connection. Requests that came before it on the same connection
 * may still wait for their answers: its own comes after theirs, or the client would take it for one of them.
 */
export class MalformedRequests {
  private readonly underWay = new WeakMap<Duplex, Set<Exchange>>();
  private readonly refused = new WeakSet<Duplex>();
  private readonly lingerMs: number;

  /** @param lingerMs how long a connection outlasts the refusal, for the client to read it */
  constructor(server: Server, lingerMs: number) {
    this.lingerMs = lingerMs;
    server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
      if (error.code === 'ECONNRESET') socket.destroy();
      else this.refuse(socket, responseTo(error));
    });
    // Node would drop the connection. It would be a tunnel to another host, and this is no proxy.
    server.on('connect', (_request, socket: Duplex) => {
      socket.on('error', () => socket.destroy());
      socket.resume();
      this.refuse(socket, gatewayResponses.badRequest);
    });
  }

  /** @returns whether a request is to be answered; one that is not, has been dealt with */
  admit(request: IncomingMessage, response: ServerResponse): boolean {
    const { socket } = request;
    if (this.refused.has(socket) || isAmbiguous(request)) {
      request.resume();
      this.refuse(socket, gatewayResponses.badRequest);
      return false;
    }
    const exchanges = this.underWay.get(socket) ?? new Set();
    this.underWay.set(socket, exchanges);
    const exchange = { request, response };
    exchanges.add(exchange);
    response.on('close', () => {
      // What is answered before it has come in full is what the next bytes belong to.
      if (request.complete) exchanges.delete(exchange);
      else request.on('close', () => exchanges.delete(exchange));
    });
    return true;
  }

  private refuse(socket: Duplex, answer: HttpResponse): void {
    // The parser complains again of whatever comes after.
    if (this.refused.has(socket)) return;
    this.refused.add(socket);
    const exchanges = [...(this.underWay.get(socket) ?? [])];
    const broken = exchanges.find(({ request }) => !request.complete)?.response;
    const last = exchanges.findLast(({ request }) => request.complete)?.response;
    onceSent(last, () => {
      // A request has one answer, even if its body turns out to be malformed after that. After one that is the
      // last, by the word of either side, there is none.
      if (broken?.writableEnded) onceSent(broken, () => this.end(socket, ''));
      else this.end(socket, last && !last.shouldKeepAlive ? '' : bytesOf(answer));
    });
  }

  private end(socket: Duplex, bytes: string): void {
    if (!socket.writable) {
      socket.destroy();
      return;
    }
    socket.end(bytes);
    // What still comes is thrown away: to cut the client off while it sends would lose it the answer.
    const timer = setTimeout(() => socket.destroy(), this.lingerMs).unref();
    socket.on('close', () => clearTimeout(timer));
  }
}

/** Does something when an answer is with the socket, and before Node, which may then end that. */
function onceSent(response: ServerResponse | undefined, next: () => void): void {
  if (!response || response.writableFinished) next();
  else response.prependOnceListener('finish', next);
}

/**
 * Whether others could read it otherwise, which Node's parser lets pass: two hosts, a transfer coding that
 * nobody undoes, a request of before HTTP/1.0 (RFC 9112, 2.3, 3.2, 6.1).
 */
function isAmbiguous({ rawHeaders, headers, httpVersionMajor }: IncomingMessage): boolean {
  const { 'transfer-encoding': coding = 'chunked' } = headers;
  return coding.toLowerCase() !== 'chunked' || httpVersionMajor !== 1 || hosts(rawHeaders) > 1;
}

function hosts(rawHeaders: string[]): number {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) if (rawHeaders[i]?.toLowerCase() === 'host') count++;
  return count;
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
