import type { QueueModel, TopicModel } from '../cloud-assembly/stack-model.ts';

/** What the thread of the queues serves. */
export interface QueueResources {
  queues: (QueueModel & { url: string })[];
  topics: TopicModel[];
}

/** A request to SQS or SNS. */
export interface WorkerRequest {
  headers: Record<string, string>;
  body: Uint8Array;
}

export interface WorkerResponse {
  status: number;
  headers: Record<string, string | number | string[] | undefined>;
  body: Uint8Array;
}

/** A message with an id of its own. */
export interface IdentifiedMessage {
  id: string;
  body: string;
}

/** What the thread is asked for. */
export type WorkerCall = { id: number } & (
  | { kind: 'request'; request: WorkerRequest }
  | { kind: 'configure'; resources: QueueResources }
  | { kind: 'add'; queue: string; messages: IdentifiedMessage[] }
  | { kind: 'stop' }
);

/** What the thread says. */
export type WorkerMessage =
  | { kind: 'ready' }
  | { kind: 'unusable'; message: string }
  | { kind: 'unreadable'; message: string }
  | { kind: 'result'; id: number; result: unknown }
  | { kind: 'failure'; id: number; message: string; isStorage: boolean };
