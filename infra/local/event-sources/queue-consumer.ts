import type { Message } from '@aws-sdk/client-sqs';

/** The most messages that SQS returns, or deletes, at a time. */
export const mostAtOnce = 10;

/** Receives and deletes the messages of a queue. */
export interface QueueConsumer {
  /** Returns at most so many messages, or ten, as soon as there is one. @throws {Error} when the queue cannot be read. */
  receive(count: number, waitSeconds: number, signal: AbortSignal): Promise<Message[]>;
  /** Deletes messages that were received. @throws {Error} when the queue cannot be written. */
  delete(messages: Message[]): Promise<void>;
}

/** Returns the parameters of ReceiveMessage that Lambda uses. */
export function receiveParameters(count: number, waitSeconds: number) {
  return {
    MaxNumberOfMessages: Math.min(count, mostAtOnce),
    WaitTimeSeconds: waitSeconds,
    MessageSystemAttributeNames: ['All' as const],
    MessageAttributeNames: ['All'],
  };
}

/** Returns the messages as entries of DeleteMessageBatch, ten at a time. */
export function deleteEntries(messages: Message[]): { Id: string; ReceiptHandle: string | undefined }[][] {
  return Array.from({ length: Math.ceil(messages.length / mostAtOnce) }, (_, batch) =>
    messages
      .slice(batch * mostAtOnce, (batch + 1) * mostAtOnce)
      .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
  );
}
