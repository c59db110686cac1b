import { EventBus, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { CfnOutput } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { SourceProps } from './reaction-queue.ts';

/** Makes a bus, and a rule that sends the detail of each event with the detail type "Reaction" to the queue. */
export function reactionBus(
  scope: Construct,
  { configuration, operationId, queue, undelivered }: SourceProps & { undelivered: Queue },
): void {
  const eventBus = new EventBus(scope, `${operationId}-reactions-bus`, {
    eventBusName: `${operationId}-reactions-${configuration.stage}`,
  });
  new Rule(scope, `${operationId}-reactions-rule`, {
    eventBus,
    description: 'Sends the detail of reactions to the queue for reactions',
    eventPattern: { detailType: ['Reaction'] },
    targets: [
      new SqsQueue(queue, { message: RuleTargetInput.fromEventPath('$.detail'), deadLetterQueue: undelivered }),
    ],
  });
  new CfnOutput(scope, `${operationId}-reactions-bus-name`, { value: eventBus.eventBusName });
}
