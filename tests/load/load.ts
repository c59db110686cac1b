/** Sends requests over many connections at a time, and checks that each gets its own response. */
import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import type { FeelingResponse } from '../../shared/contract.ts';
import { KeepAlive, type Reply } from './keep-alive.ts';

/** What became of the requests of a load. */
export interface Outcome {
  /** How many were answered, by their status. */
  statuses: Record<number, number>;
  /** How many were not answered before their connection was closed. */
  unanswered: number;
  /** What is not as the contract has it: never anything. */
  wrong: string[];
  /** How long each answer took. */
  milliseconds: number[];
}

/** What is sent to where, and what may come back. */
export interface LoadTarget {
  url: string;
  path: string;
  headers: string;
  /** The body of a request, by a number of its own. */
  body(id: string, number: number): string;
  /** @returns what is wrong with an answer; undefined for nothing */
  complaint(reply: Reply, id: string, number: number): string | undefined;
}

const feelings: FeelingResponse['feeling'][] = ['positive', 'neutral', 'negative'];
const gatewayBodies: Record<number, string> = {
  429: '{"message":"Too Many Requests"}',
  500: '{"message":"Internal Server Error"}',
  503: '{"message":"Service Unavailable"}',
};

/** `POST /feeling`, with a message that no other request has, in one to four bytes a character. */
export function feelingApi(url: string): LoadTarget {
  const message = (id: string, number: number) => `${id} é🎉${'漢'.repeat(number % 50)}`;
  return {
    url,
    path: '/feeling',
    headers: 'Content-Type: application/json\r\n',
    body: (id, number) => JSON.stringify({ emoji_type: number % 3, message: message(id, number) }),
    complaint({ status, body }, id, number) {
      const answer = JSON.stringify({ feeling: feelings[number % 3], message: message(id, number) });
      const expected = status === 200 ? answer : gatewayBodies[status];
      return body === expected ? undefined : `${status} ${body} to ${message(id, number)}`;
    },
  };
}

/** Connections that send one request after another until `stop`. */
export class Load {
  private readonly target: LoadTarget;
  private readonly connections: KeepAlive[];
  private readonly events = new EventEmitter<{ answer: [] }>();
  private readonly outcome: Outcome = { statuses: {}, unanswered: 0, wrong: [], milliseconds: [] };
  private readonly ended: Promise<unknown>;
  private answers = 0;
  private stopping = false;

  static async start(target: LoadTarget, connections: number): Promise<Load> {
    return new Load(target, await Promise.all(Array.from({ length: connections }, () => KeepAlive.to(target.url))));
  }

  private constructor(target: LoadTarget, connections: KeepAlive[]) {
    this.target = target;
    this.connections = connections;
    this.ended = Promise.all(connections.map((connection) => this.run(connection)));
  }

  /** Waits until so many more requests are answered. */
  async more(count: number): Promise<void> {
    const enough = this.answers + count;
    while (this.answers < enough) await once(this.events, 'answer');
  }

  /** Waits until each connection has the answer to its last request, or was closed. */
  async stop(): Promise<Outcome> {
    this.stopping = true;
    return this.over();
  }

  /** Waits until the other side has closed every connection. */
  async over(): Promise<Outcome> {
    await this.ended;
    for (const connection of this.connections) connection.close();
    return this.outcome;
  }

  private async run(connection: KeepAlive): Promise<void> {
    const { target, outcome } = this;
    for (let number = 0; !this.stopping && connection.isOpen; number++) {
      const id = randomUUID();
      const sent = performance.now();
      const reply = await connection.post(target.path, target.headers, target.body(id, number));
      if (!reply) {
        outcome.unanswered++;
        return;
      }
      outcome.milliseconds.push(performance.now() - sent);
      outcome.statuses[reply.status] = (outcome.statuses[reply.status] ?? 0) + 1;
      const complaint = target.complaint(reply, id, number);
      if (complaint) outcome.wrong.push(complaint);
      this.answers++;
      this.events.emit('answer');
    }
  }
}
