/** SQS and SNS as their clients see them. */
import { setTimeout as delay } from 'node:timers/promises';
import { SNSClient } from '@aws-sdk/client-sns';
import {
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const settings = { region: 'us-east-1', credentials, maxAttempts: 1 };

/** Returns clients of an AWS endpoint, with shorter calls. */
export function queueClient(endpoint: string) {
  const sqs = new SQSClient({ ...settings, endpoint, useQueueUrlAsEndpoint: false });
  const sns = new SNSClient({ ...settings, endpoint });
  const urlOf = async (QueueName: string) => (await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl ?? '';
  return {
    sqs,
    sns,
    urlOf,
    /** Sends a message. @returns its id */
    async send(queue: string, MessageBody: string, MessageGroupId?: string): Promise<string> {
      const QueueUrl = await urlOf(queue);
      return (await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageGroupId }))).MessageId ?? '';
    },
    /** Receives the next messages. They stay in the queue. */
    async receive(queue: string, WaitTimeSeconds = 20): Promise<Message[]> {
      const command = new ReceiveMessageCommand({
        QueueUrl: await urlOf(queue),
        MaxNumberOfMessages: 10,
        WaitTimeSeconds,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      });
      return (await sqs.send(command)).Messages ?? [];
    },
    [Symbol.dispose]() {
      sqs.destroy();
      sns.destroy();
    },
  };
}

/** Tries again until there is a result: for what another process is about to do. */
export async function eventually<Result>(attempt: () => Promise<Result | undefined>): Promise<Result> {
  for (;;) {
    const result = await attempt();
    if (result !== undefined) return result;
    await delay(20);
  }
}
