/** HTTP over a connection that stays open, at little cost: a test has thousands of them. */
import type { Socket } from 'node:net';
import { open } from '../harness/http-client.ts';

export interface Reply {
  status: number;
  /** Of `x-amzn-requestid` or `apigw-requestid`. */
  requestId: string;
  body: string;
}

/** A connection on which each request follows the answer to the one before. */
export class KeepAlive {
  private readonly socket: Socket;
  private readonly host: string;
  private received = Buffer.alloc(0);
  private waiting: ((reply: Reply | undefined) => void) | undefined;

  static async to(url: string): Promise<KeepAlive> {
    return new KeepAlive(await open(url), new URL(url).host);
  }

  private constructor(socket: Socket, host: string) {
    this.socket = socket;
    this.host = host;
    socket.setNoDelay(true);
    socket.on('data', (bytes) => {
      this.received = this.received.length === 0 ? bytes : Buffer.concat([this.received, bytes]);
      const reply = this.takeReply();
      if (reply) this.settle(reply);
    });
    // What there is to say of it, `close` says.
    socket.on('error', () => {});
    socket.on('close', () => this.settle(undefined));
  }

  get isOpen(): boolean {
    return this.socket.writable;
  }

  /** @returns undefined where the connection was closed before there was an answer */
  async post(path: string, headers: string, body: string): Promise<Reply | undefined> {
    if (!this.isOpen) return undefined;
    const { promise, resolve } = Promise.withResolvers<Reply | undefined>();
    this.waiting = resolve;
    const length = Buffer.byteLength(body);
    this.socket.write(
      `POST ${path} HTTP/1.1\r\nHost: ${this.host}\r\nContent-Length: ${length}\r\n${headers}\r\n${body}`,
    );
    return promise;
  }

  close(): void {
    this.socket.destroy();
  }

  private settle(reply: Reply | undefined): void {
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.(reply);
  }

  private takeReply(): Reply | undefined {
    const end = this.received.indexOf('\r\n\r\n');
    if (end < 0) return undefined;
    const head = this.received.toString('latin1', 0, end);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (this.received.length < end + 4 + length) return undefined;
    const body = this.received.toString('utf8', end + 4, end + 4 + length);
    this.received = this.received.subarray(end + 4 + length);
    // An answer that says that it is the last one leaves nothing to be sent.
    if (/\r\nconnection: close/i.test(head)) this.socket.end();
    const requestId = /\r\n(?:x-amzn|apigw)-requestid: (\S+)/i.exec(head)?.[1] ?? '';
    return { status: Number(head.slice(9, 12)), requestId, body };
  }
}
