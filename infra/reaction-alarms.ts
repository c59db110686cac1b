import { Alarm, ComparisonOperator, type IMetric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Duration } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { canaryMinutes } from './reaction-canary.ts';
import type { ReactionSources } from './reaction-sources.ts';

const minute = Duration.minutes(1);

/** An alarm that fires above a value. */
interface QueueAlarm {
  name: string;
  description: string;
  metric: IMetric;
  above: number;
  minutes?: number;
}

/** Returns the alarms on the queues of the sources. */
export function queueAlarms({ operationId, queue, failed, undelivered }: ReactionSources): QueueAlarm[] {
  return [
    {
      name: `${operationId}-reactions-old`,
      description:
        'The oldest reaction in the queue has waited for more than five minutes: the function does not keep up.',
      metric: queue.metricApproximateAgeOfOldestMessage({ period: minute, statistic: Stats.MAXIMUM }),
      above: 300,
    },
    {
      name: failed.node.id,
      description: 'Reactions failed as often as they may, and are in the dead-letter queue: invalid, or not answered.',
      metric: waiting(failed),
      above: 0,
      minutes: 1,
    },
    ...(undelivered
      ? [
          {
            name: undelivered.node.id,
            description:
              'The topic or the bus could not deliver reactions to the queue. They are in a queue of their own.',
            metric: waiting(undelivered),
            above: 0,
            minutes: 1,
          },
        ]
      : []),
  ];
}

/**
 * Makes the alarm for a canary without an answer. No data is an alarm too: the function was not invoked.
 * @param canaries the answered ones
 */
export function canaryAlarm(scope: Construct, stage: string, operationId: string, canaries: IMetric): Alarm {
  return new Alarm(scope, `${operationId}-canary-missing`, {
    alarmName: `feeling-${stage}-${operationId}-canary-missing`,
    alarmDescription: 'No canary was answered for fifteen minutes: the schedule, the queue or the function is broken.',
    metric: canaries,
    comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
    threshold: 1,
    evaluationPeriods: 15 / canaryMinutes,
    datapointsToAlarm: 15 / canaryMinutes,
    treatMissingData: TreatMissingData.BREACHING,
  });
}

/** Returns the number of messages in a queue. */
export function waiting(queue: Queue): IMetric {
  return queue.metricApproximateNumberOfMessagesVisible({ period: minute, statistic: Stats.MAXIMUM });
}
