import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import { z } from 'zod';
import { region } from '../aws/arn.ts';

/** Returns a message as Lambda gives it to a function (docs: with-sqs). */
export function sqsRecord(message: Message, queueArn: string) {
  const { MessageId, ReceiptHandle, Body, Attributes, MessageAttributes = {}, ...digests } = message;
  return {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: Attributes,
    messageAttributes: Object.fromEntries(
      Object.entries(MessageAttributes).map(([name, value]) => [name, attribute(value)]),
    ),
    ...(digests.MD5OfMessageAttributes && { md5OfMessageAttributes: digests.MD5OfMessageAttributes }),
    md5OfBody: digests.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: region,
  };
}

function attribute({ DataType, StringValue, BinaryValue }: MessageAttributeValue) {
  return {
    ...(StringValue !== undefined && { stringValue: StringValue }),
    ...(BinaryValue !== undefined && { binaryValue: Buffer.from(BinaryValue).toString('base64') }),
    stringListValues: [],
    binaryListValues: [],
    dataType: DataType,
  };
}

const responseShape = z.object({
  batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish(),
});

/**
 * Returns the messages that a batch response says have failed. A response that is no such list, or that names a message
 * which the batch does not have, fails the whole batch; `null` and an empty list fail none (docs:
 * services-sqs-errorhandling).
 * @param response undefined where the mapping does not report item failures
 */
export function failedItems(response: unknown, batch: Message[]): { failed: Message[]; error?: string } {
  if (response === undefined || response === null || response === '') return { failed: [] };
  const { data } = responseShape.safeParse(response);
  if (!data) return { failed: batch, error: 'The result is no list of batchItemFailures: the whole batch failed.' };
  const ids = new Set(data.batchItemFailures?.map(({ itemIdentifier }) => itemIdentifier));
  const failed = batch.filter(({ MessageId }) => MessageId !== undefined && ids.has(MessageId));
  const unknown = [...ids].find((id) => !batch.some(({ MessageId }) => MessageId === id));
  if (unknown === undefined) return { failed };
  return {
    failed: batch,
    error: `batchItemFailures names ${unknown}, which the batch does not have: the whole batch failed.`,
  };
}
