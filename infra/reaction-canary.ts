import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { SourceProps } from './reaction-queue.ts';

/** Minutes between two canaries. The alarm counts in the same period. */
export const canaryMinutes = 5;

/** Makes a schedule that sends the same reaction to the queue. Its answer shows that the whole way works. */
export function reactionCanary(scope: Construct, { configuration, operationId, queue }: SourceProps): void {
  const name = `${operationId}-reactions-${configuration.stage}-canary`;
  const role = new Role(scope, `${operationId}-canary-role`, {
    // The condition keeps out schedules of other accounts (docs: scheduler, cross-service-confused-deputy-prevention).
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
  });
  role.addToPolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [queue.queueArn] }));
  const schedule = new CfnSchedule(scope, `${operationId}-canary`, {
    name,
    description: 'Sends a reaction to the queue; the alarm fires if it has no answer',
    scheduleExpression: `rate(${canaryMinutes} minutes)`,
    flexibleTimeWindow: { mode: 'OFF' },
    target: {
      arn: queue.queueArn,
      roleArn: role.roleArn,
      input: JSON.stringify({ emoji_type: 1, message: 'canary', canary: true }),
      // A late canary proves nothing: the next one is due.
      retryPolicy: { maximumEventAgeInSeconds: 60 * canaryMinutes, maximumRetryAttempts: 3 },
    },
  });
  schedule.node.addDependency(role);
}
