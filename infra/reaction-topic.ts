import { CfnSubscription, CfnTopic, Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { CfnOutput } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { SourceProps } from './reaction-queue.ts';

/**
 * Makes a topic whose messages go to the queue as they are. It is encrypted with the key that AWS manages for SNS, which
 * is free and needs no permission within the account. AWS services and other accounts cannot use that key (docs:
 * sns-key-management): they send to the bus.
 */
export function reactionTopic(
  scope: Construct,
  { configuration, operationId, queue, undelivered }: SourceProps & { undelivered: Queue },
): void {
  const { stage, topicFilter } = configuration;
  const topic = new Topic(scope, `${operationId}-reactions-topic`, {
    topicName: `${operationId}-reactions-${stage}`,
    enforceSSL: true,
  });
  const subscription = topic.addSubscription(
    new SqsSubscription(queue, { rawMessageDelivery: true, deadLetterQueue: undelivered }),
  );
  const [topicResource, subscriptionResource] = [topic.node.defaultChild, subscription.node.defaultChild];
  if (!(topicResource instanceof CfnTopic && subscriptionResource instanceof CfnSubscription)) {
    throw new Error(`${topic.node.path} is no topic with a subscription`);
  }
  topicResource.kmsMasterKeyId = 'alias/aws/sns';
  if (topicFilter !== undefined) subscriptionResource.filterPolicy = JSON.parse(topicFilter);
  new CfnOutput(scope, `${operationId}-reactions-topic-arn`, { value: topic.topicArn });
}
