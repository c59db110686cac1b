import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { Configuration } from './configuration.ts';

/**
 * Makes the encrypted topic that alarms are sent to. It needs a key of its own: CloudWatch may not use the key that AWS
 * manages for SNS (docs: sns-key-management, "Enable compatibility").
 */
export function alarmTopic(scope: Construct, { stage, alarmEmail }: Configuration): Topic {
  const key = new Key(scope, 'AlarmKey', {
    description: `Encrypts the alarms of feeling-${stage}`,
    enableKeyRotation: true,
    // Not kept: it encrypts messages in transit only, and a key costs a dollar a month.
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const topic = new Topic(scope, 'Alarms', { topicName: `feeling-${stage}-alarms`, masterKey: key, enforceSSL: true });
  // The condition keeps out alarms of other accounts.
  const conditions = { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } };
  topic.grantPublish(new ServicePrincipal('cloudwatch.amazonaws.com', { conditions }));
  if (alarmEmail) topic.addSubscription(new EmailSubscription(alarmEmail));
  return topic;
}
