import type { Message } from '@aws-sdk/client-sqs';
import { z } from 'zod';
import { account } from '../aws/arn.ts';
import type { QueueService } from '../queues/queue-service.ts';
import { deleteEntries, type QueueConsumer, receiveParameters } from './queue-consumer.ts';

const responseShape = z.looseObject({
  Messages: z
    .array(
      z.looseObject({
        MessageAttributes: z
          .record(
            z.string(),
            z.looseObject({
              DataType: z.string(),
              BinaryValue: z
                .base64()
                .transform((text) => Buffer.from(text, 'base64'))
                .optional(),
            }),
          )
          .optional(),
      }),
    )
    .default([]),
  message: z.string().optional(),
});

/** Reads a queue of this machine. Neither the SDK nor HTTP is between: they would take most of the time. */
export class LocalConsumer implements QueueConsumer {
  private readonly url: string;
  private readonly queues: QueueService;

  constructor(queue: string, queues: QueueService) {
    // The host does not matter.
    this.url = `http://127.0.0.1/${account}/${queue}`;
    this.queues = queues;
  }

  async receive(count: number, waitSeconds: number, signal: AbortSignal): Promise<Message[]> {
    signal.throwIfAborted();
    const aborted = Promise.withResolvers<never>();
    const abort = () => aborted.reject(signal.reason);
    signal.addEventListener('abort', abort);
    try {
      const response = this.call('ReceiveMessage', receiveParameters(count, waitSeconds));
      return (await Promise.race([response, aborted.promise])).Messages;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  async delete(messages: Message[]): Promise<void> {
    for (const Entries of deleteEntries(messages)) await this.call('DeleteMessageBatch', { Entries });
  }

  private async call(operation: string, parameters: object): Promise<z.infer<typeof responseShape>> {
    const { status, body } = await this.queues.respond({
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${operation}` },
      body: Buffer.from(JSON.stringify({ QueueUrl: this.url, ...parameters })),
    });
    const response = responseShape.parse(JSON.parse(Buffer.from(body).toString()));
    if (status !== 200) throw new Error(response.message);
    return response;
  }
}
