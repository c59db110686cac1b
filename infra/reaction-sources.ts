import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Configuration } from './configuration.ts';
import type { FeelingFunction } from './feeling-function.ts';
import { keptQueue } from './kept-queue.ts';
import { reactionBus } from './reaction-bus.ts';
import { reactionCanary } from './reaction-canary.ts';
import { type ReactionQueue, reactionQueue, type SourceProps } from './reaction-queue.ts';
import { reactionTopic } from './reaction-topic.ts';

/** The event sources of an operation. */
export interface ReactionSources extends ReactionQueue {
  operationId: string;
  /** What the topic and the bus could not deliver to the queue. Undefined if there is neither. */
  undelivered: Queue | undefined;
  hasCanary: boolean;
}

/** Makes the sources that the configuration names. All of them send to the queue, and its function answers. */
export function reactionSources(
  scope: Construct,
  configuration: Configuration,
  operationId: string,
): ReactionSources & { fn: FeelingFunction } {
  const { sources, stage } = configuration;
  const reactions = reactionQueue(scope, configuration, operationId);
  const props: SourceProps = { configuration, operationId, queue: reactions.queue };
  // Apart from the dead-letter queue: SQS redrives only what it has moved there itself (docs: API_StartMessageMoveTask).
  const undelivered =
    sources.includes('topic') || sources.includes('bus')
      ? keptQueue(scope, `${operationId}-reactions-undelivered`, {
          configuration,
          queueName: `${operationId}-reactions-${stage}-undelivered`,
        })
      : undefined;
  if (undelivered && sources.includes('topic')) reactionTopic(scope, { ...props, undelivered });
  if (undelivered && sources.includes('bus')) reactionBus(scope, { ...props, undelivered });
  const hasCanary = sources.includes('schedule');
  if (hasCanary) reactionCanary(scope, props);
  return { ...reactions, operationId, undelivered, hasCanary };
}
