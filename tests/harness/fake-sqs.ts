/** An SQS that accepts SendMessageBatch by the JSON protocol, and nothing else. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';

const requestShape = z.strictObject({
  QueueUrl: z.string(),
  Entries: z.array(z.strictObject({ Id: z.string(), MessageBody: z.string() })),
});

export interface SentBatch {
  path: string;
  headers: IncomingHttpHeaders;
  text: string;
  queueUrl: string;
  /** The bodies of the messages. */
  bodies: string[];
}

/** Responds to a batch, or does not. */
export type Respond = (response: ServerResponse, batch: SentBatch) => void;

export class FakeSqs implements AsyncDisposable {
  readonly batches: SentBatch[] = [];
  /** How the next requests are answered; those after them are confirmed. */
  readonly next: Respond[] = [];
  private readonly server = createServer((request, response) => void this.answer(request, response));

  static async start(): Promise<FakeSqs> {
    const sqs = new FakeSqs();
    sqs.server.listen(0, '127.0.0.1');
    await once(sqs.server, 'listening');
    return sqs;
  }

  get url(): string {
    const address = this.server.address();
    assert(typeof address === 'object' && address !== null);
    return `http://127.0.0.1:${address.port}`;
  }

  /** Every message that it has got, in the order of the requests. */
  get messages(): unknown[] {
    return this.batches.flatMap(({ bodies }) => bodies.map((body) => JSON.parse(body)));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = Buffer.concat(await request.toArray()).toString();
    assert.equal(request.method, 'POST');
    const { QueueUrl, Entries } = requestShape.parse(JSON.parse(text));
    const bodies = Entries.map(({ MessageBody }) => MessageBody);
    const batch = { path: request.url ?? '', headers: request.headers, text, queueUrl: QueueUrl, bodies };
    this.batches.push(batch);
    const respond = this.next.shift() ?? confirm;
    respond(response, batch);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

/** Confirms every message but those at some indexes, which it refuses with a code. */
export function refuse(...failed: { index: number; Code: string }[]): Respond {
  return (response, { bodies }) => {
    const indexes = bodies.map((_, index) => index);
    const refused = new Set(failed.map(({ index }) => index));
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    response.end(
      JSON.stringify({
        Successful: indexes
          .filter((index) => !refused.has(index))
          .map((index) => ({ Id: String(index), MessageId: crypto.randomUUID(), MD5OfMessageBody: 'x' })),
        ...(failed.length > 0 && {
          Failed: failed.map(({ index, Code }) => ({ Id: String(index), Code, SenderFault: true })),
        }),
      }),
    );
  };
}

const confirm = refuse();

/** Responds with a status and a JSON body. */
export function fail(status: number, body: string): Respond {
  return (response) => void response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(body);
}

/** Closes the connection without a response. */
export const drop: Respond = (response) => void response.socket?.destroy();

/** Never responds. */
export const hang: Respond = () => {};
