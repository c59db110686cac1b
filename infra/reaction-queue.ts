import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Duration } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { Configuration } from './configuration.ts';
import { FeelingFunction } from './feeling-function.ts';
import { keptQueue } from './kept-queue.ts';

export interface ReactionQueue {
  queue: Queue;
  /** Messages that failed as often as they may. */
  failed: Queue;
  fn: FeelingFunction;
}

/** What a function that makes a source needs. */
export interface SourceProps {
  configuration: Configuration;
  operationId: string;
  /** The queue that the source sends to. */
  queue: Queue;
}

/** Lambda collects messages for so long before it invokes the function. Its answer is sent at once. */
const window = Duration.seconds(0);

/** Deliveries of a message. At fewer than five, a throttle can move good messages (docs: services-sqs-configure). */
const maxReceiveCount = 5;

/** Makes the queue for reactions, its dead-letter queue, the function that answers, and the queue for its answers. */
export function reactionQueue(scope: Construct, configuration: Configuration, operationId: string): ReactionQueue {
  const { stage, timeoutSeconds, reservedConcurrency = 10 } = configuration;
  const name = `${operationId}-reactions`;
  const failed = keptQueue(scope, `${name}-failed`, { configuration, queueName: `${name}-${stage}-failed` });
  const queue = keptQueue(scope, name, {
    configuration,
    queueName: `${name}-${stage}`,
    // Six times the timeout, so that Lambda can repeat a throttled batch (docs: services-sqs-configure).
    visibilityTimeout: Duration.seconds(6 * timeoutSeconds + window.toSeconds()),
    deadLetterQueue: { queue: failed, maxReceiveCount },
  });
  const answers = keptQueue(scope, `${operationId}-answers`, {
    configuration,
    queueName: `${operationId}-answers-${stage}`,
  });
  const fn = new FeelingFunction(scope, {
    configuration,
    operationId,
    trigger: 'records',
    environment: { ANSWERS_QUEUE_URL: answers.queueUrl },
  });
  answers.grantSendMessages(fn.handler);
  const source = new SqsEventSource(queue, {
    // As many as one SendMessageBatch takes.
    batchSize: 10,
    maxBatchingWindow: window,
    reportBatchItemFailures: true,
    // Messages wait in the queue, not in throttles. Lambda takes no less than 2 (docs: services-sqs-scaling).
    maxConcurrency: Math.max(2, Math.min(10, reservedConcurrency)),
  });
  fn.live.addEventSource(source);
  return { queue, failed, fn };
}
