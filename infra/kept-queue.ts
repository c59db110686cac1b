import { type DeadLetterQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { CfnOutput, Duration } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { Configuration } from './configuration.ts';
import { removalPolicyOf } from './feeling-function.ts';

export interface KeptQueueProps {
  configuration: Configuration;
  /** Its name in a stage that removes it. */
  queueName: string;
  visibilityTimeout?: Duration;
  deadLetterQueue?: DeadLetterQueue;
}

/**
 * Makes a queue that keeps messages for fourteen days, encrypted with SQS's own key, that is reached by TLS only. Its
 * URL is an output of the stack. SNS, EventBridge and Lambda can send to it without the permission to use a key (docs:
 * sqs-sse-existing-queue).
 */
export function keptQueue(scope: Construct, id: string, { configuration, queueName, ...props }: KeptQueueProps): Queue {
  const queue = new Queue(scope, id, {
    ...props,
    // A retained queue has no fixed name: the stack could not be deployed again after its removal.
    ...(configuration.removalPolicy === 'destroy' && { queueName }),
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
    removalPolicy: removalPolicyOf(configuration),
  });
  new CfnOutput(scope, `${id}-url`, { value: queue.queueUrl });
  return queue;
}
