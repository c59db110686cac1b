import type { Message, SQSClient } from '@aws-sdk/client-sqs';

/** The most messages that SQS returns, or deletes, at a time. */
const mostAtOnce = 10;

/** Receives and deletes the messages of a queue, by the SDK. */
export class QueueConsumer {
  private readonly queue: string;
  private readonly client: () => Promise<SQSClient>;
  private url: string | undefined;

  /** @param client loaded when it is first needed: the SDK takes time to load */
  constructor(queue: string, client: () => Promise<SQSClient>) {
    this.queue = queue;
    this.client = client;
  }

  /** Returns at most so many messages, or ten, as soon as there is one. @throws {Error} as the SDK does. */
  async receive(count: number, waitSeconds: number, abortSignal: AbortSignal): Promise<Message[]> {
    const { ReceiveMessageCommand } = await import('@aws-sdk/client-sqs');
    const client = await this.client();
    const command = new ReceiveMessageCommand({
      QueueUrl: await this.queueUrl(),
      MaxNumberOfMessages: Math.min(count, mostAtOnce),
      WaitTimeSeconds: waitSeconds,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    });
    const { Messages = [] } = await client.send(command, { abortSignal });
    return Messages;
  }

  /** Deletes messages that were received. @throws {Error} as the SDK does. */
  async delete(messages: Message[]): Promise<void> {
    const { DeleteMessageBatchCommand } = await import('@aws-sdk/client-sqs');
    const client = await this.client();
    for (let i = 0; i < messages.length; i += mostAtOnce) {
      const Entries = messages
        .slice(i, i + mostAtOnce)
        .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await client.send(new DeleteMessageBatchCommand({ QueueUrl: await this.queueUrl(), Entries }));
    }
  }

  /** Asks the endpoint: it may be another emulator, or AWS. */
  private async queueUrl(): Promise<string | undefined> {
    const { GetQueueUrlCommand } = await import('@aws-sdk/client-sqs');
    const client = await this.client();
    this.url ??= (await client.send(new GetQueueUrlCommand({ QueueName: this.queue }))).QueueUrl;
    return this.url;
  }
}
