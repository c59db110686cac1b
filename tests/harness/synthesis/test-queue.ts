/** A queue of a test stack, with what sends to it. */
import { EventBus, EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { SqsSendMessage } from 'aws-cdk-lib/aws-scheduler-targets';
import { SubscriptionFilter, Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Duration, type Stack } from 'aws-cdk-lib/core';
import type { QueueDescription } from './synthesis-request.ts';

export function addQueue(stack: Stack, name: string, fn: IFunction, description: QueueDescription): void {
  const { isFifo, visibilitySeconds, maxReceives = 3, batchSize, windowSeconds, maxConcurrency } = description;
  const fifo = isFifo && { fifo: true };
  const end = isFifo ? '.fifo' : '';
  const deadLetters = new Queue(stack, `${name}-dead-letters`, { queueName: `${name}-dead-letters${end}`, ...fifo });
  const queue = new Queue(stack, `${name}-queue`, {
    queueName: `${name}-queue${end}`,
    ...fifo,
    visibilityTimeout: visibilitySeconds === undefined ? undefined : Duration.seconds(visibilitySeconds),
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: maxReceives },
  });
  fn.addEventSource(
    new SqsEventSource(queue, {
      batchSize,
      maxBatchingWindow: windowSeconds === undefined ? undefined : Duration.seconds(windowSeconds),
      maxConcurrency,
      reportBatchItemFailures: description.reportsItemFailures,
    }),
  );
  const { topic, detailType, schedule } = description;
  if (topic) {
    const filters = Object.entries(topic.filterPolicy ?? {}).map(([key, allowlist]) => [
      key,
      SubscriptionFilter.stringFilter({ allowlist }),
    ]);
    new Topic(stack, `${name}-topic`, { topicName: `${name}-topic` }).addSubscription(
      new SqsSubscription(queue, {
        rawMessageDelivery: true,
        ...(topic.filterPolicy && { filterPolicy: Object.fromEntries(filters) }),
      }),
    );
  }
  if (detailType) {
    new Rule(stack, `${name}-rule`, {
      eventBus: new EventBus(stack, `${name}-bus`, { eventBusName: `${name}-bus` }),
      eventPattern: { detailType: [detailType] },
      targets: [new SqsQueue(queue, { message: RuleTargetInput.fromEventPath(EventField.fromPath('$.detail')) })],
    });
  }
  if (schedule) {
    new Schedule(stack, `${name}-schedule`, {
      scheduleName: `${name}-schedule`,
      schedule: ScheduleExpression.expression(schedule),
      target: new SqsSendMessage(queue, { input: ScheduleTargetInput.fromObject({ scheduled: true }) }),
    });
  }
}
