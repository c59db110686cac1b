import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import { deleteEntries, type QueueConsumer, receiveParameters } from './queue-consumer.ts';

/** Reads a queue of another SQS by the SDK, which takes time to load: an emulator, or AWS. */
export class SdkConsumer implements QueueConsumer {
  private readonly queue: string;
  private readonly client: () => Promise<SQSClient>;
  private url: string | undefined;

  /** @param client loaded when it is first needed */
  constructor(queue: string, client: () => Promise<SQSClient>) {
    this.queue = queue;
    this.client = client;
  }

  async receive(count: number, waitSeconds: number, abortSignal: AbortSignal): Promise<Message[]> {
    const { ReceiveMessageCommand } = await import('@aws-sdk/client-sqs');
    const client = await this.client();
    const parameters = receiveParameters(count, waitSeconds);
    const command = new ReceiveMessageCommand({ QueueUrl: await this.queueUrl(), ...parameters });
    return (await client.send(command, { abortSignal })).Messages ?? [];
  }

  async delete(messages: Message[]): Promise<void> {
    const { DeleteMessageBatchCommand } = await import('@aws-sdk/client-sqs');
    const client = await this.client();
    for (const Entries of deleteEntries(messages)) {
      await client.send(new DeleteMessageBatchCommand({ QueueUrl: await this.queueUrl(), Entries }));
    }
  }

  private async queueUrl(): Promise<string | undefined> {
    const { GetQueueUrlCommand } = await import('@aws-sdk/client-sqs');
    const client = await this.client();
    this.url ??= (await client.send(new GetQueueUrlCommand({ QueueName: this.queue }))).QueueUrl;
    return this.url;
  }
}
