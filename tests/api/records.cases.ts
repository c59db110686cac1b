/** Events as Lambda makes them of messages in SQS. */
import type { SQSEvent } from 'aws-lambda';

export interface RecordOptions {
  body: string;
  /** @default `id-` and the index in the batch */
  messageId?: string;
  /** The message group. */
  group?: string;
  /** The name of the queue. @default feeling-reactions-test */
  queue?: string;
}

/** Returns a batch of records with these bodies (docs: with-sqs, "Example standard queue message event"). */
export function batchOf(...records: (string | RecordOptions)[]): SQSEvent {
  return {
    Records: records.map((record, index) => {
      const options: RecordOptions = typeof record === 'string' ? { body: record } : record;
      const { body, messageId = `id-${index}`, group, queue = 'feeling-reactions-test' } = options;
      return {
        messageId,
        receiptHandle: 'AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a',
        body,
        attributes: {
          ApproximateReceiveCount: '1',
          SentTimestamp: '1545082649183',
          SenderId: 'AIDAIENQZJOLO23YVJ4VO',
          ApproximateFirstReceiveTimestamp: '1545082649185',
          ...(group && { MessageGroupId: group }),
        },
        messageAttributes: {},
        md5OfBody: 'e4e68fb7bd0e697a0ae8f1bb342846b3',
        eventSource: 'aws:sqs',
        eventSourceARN: `arn:aws:sqs:us-east-1:000000000000:${queue}`,
        awsRegion: 'us-east-1',
      };
    }),
  };
}
