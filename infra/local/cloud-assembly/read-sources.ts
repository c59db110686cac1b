import { parseFunctionReference } from '../aws/arn.ts';
import { resourceSchemas } from './resource-schemas.ts';
import type {
  EventBusModel,
  EventSourceMappingModel,
  InvokeTarget,
  QueueModel,
  ScheduleModel,
  SourceModels,
  TopicModel,
} from './stack-model.ts';
import type { Template } from './template.ts';
import { UnsupportedResourceError } from './unsupported-resource.ts';

/** A topic can also have subscribers that are no queues, such as the mail address of the alarms. Nothing goes to them. */
const servedProtocol = 'sqs';

/**
 * Returns the queues of a template, and what sends to them and receives from them.
 * @param targets everything that can be invoked, by ARN
 * @throws {UnsupportedResourceError} when one of them cannot be served as on AWS.
 */
export function sourcesOf(template: Template, targets: ReadonlyMap<string, InvokeTarget>): SourceModels {
  const queues = queuesOf(template);
  const queueNamed = (arn: string, user: string): QueueModel => {
    const queue = queues.find((one) => one.arn === arn);
    if (!queue) throw new UnsupportedResourceError(user, `needs ${arn}, which is not a queue of this stack.`);
    return queue;
  };
  return {
    queues,
    topics: topicsOf(template, queueNamed),
    mappings: mappingsOf(template, queueNamed, targets),
    buses: busesOf(template, queueNamed),
    schedules: schedulesOf(template, queueNamed),
  };
}

type QueueLookup = (arn: string, user: string) => QueueModel;

/** Returns the queues of a template. */
export function queuesOf(template: Template): QueueModel[] {
  return template.all(resourceSchemas.queue).map(([id, { QueueName = id, RedrivePolicy, ...properties }]) => {
    const attributes: Record<string, string> = {};
    for (const [name, value] of Object.entries(properties)) if (value !== undefined) attributes[name] = value;
    if (RedrivePolicy) attributes['RedrivePolicy'] = JSON.stringify(RedrivePolicy);
    return { name: QueueName, arn: template.attribute(id, 'Arn'), attributes };
  });
}

function topicsOf(template: Template, queueNamed: QueueLookup): TopicModel[] {
  const topics = template.all(resourceSchemas.topic).map(([id, { TopicName = id }]): TopicModel => {
    return { name: TopicName, arn: template.ref(id), subscriptions: [] };
  });
  for (const [id, subscription] of template.all(resourceSchemas.subscription)) {
    const { TopicArn, Protocol, Endpoint = '', RawMessageDelivery, FilterPolicy, FilterPolicyScope } = subscription;
    if (Protocol !== servedProtocol) continue;
    const topic = topics.find(({ arn }) => arn === TopicArn);
    if (!topic) throw new UnsupportedResourceError(id, `belongs to ${TopicArn}, which is not a topic of this stack.`);
    topic.subscriptions.push({
      queueArn: queueNamed(Endpoint, id).arn,
      attributes: {
        RawMessageDelivery: String(RawMessageDelivery),
        ...(FilterPolicy && { FilterPolicy: JSON.stringify(FilterPolicy), FilterPolicyScope }),
      },
    });
  }
  return topics.filter(({ subscriptions }) => subscriptions.length > 0);
}

function mappingsOf(
  template: Template,
  queueNamed: QueueLookup,
  targets: ReadonlyMap<string, InvokeTarget>,
): EventSourceMappingModel[] {
  return template.all(resourceSchemas.eventSourceMapping).flatMap(([id, mapping]) => {
    if (!mapping.Enabled) return [];
    const { BatchSize: batchSize, MaximumBatchingWindowInSeconds, FunctionResponseTypes, ScalingConfig } = mapping;
    const reference = parseFunctionReference(mapping.FunctionName);
    const target = [...targets.values()].find(
      ({ function: { name }, qualifier }) => name === reference?.name && qualifier === reference.qualifier,
    );
    if (!target) throw new UnsupportedResourceError(id, `invokes ${mapping.FunctionName}, which is not in this stack.`);
    const queue = queueNamed(mapping.EventSourceArn, id);
    if (queue.attributes['FifoQueue'] === 'true' && batchSize > 10)
      throw new UnsupportedResourceError(id, 'has a BatchSize above 10, which Lambda refuses for a FIFO queue.');
    if (batchSize > 10 && MaximumBatchingWindowInSeconds < 1)
      throw new UnsupportedResourceError(
        id,
        'has a BatchSize above 10 without a MaximumBatchingWindowInSeconds, which Lambda refuses.',
      );
    return {
      queue,
      target,
      batchSize,
      windowMs: MaximumBatchingWindowInSeconds * 1000,
      reportsItemFailures: FunctionResponseTypes.length > 0,
      maxConcurrency: ScalingConfig?.MaximumConcurrency,
    };
  });
}

function busesOf(template: Template, queueNamed: QueueLookup): EventBusModel[] {
  const buses = template.all(resourceSchemas.bus).map(([id, { Name: name }]): EventBusModel => {
    return { name, arn: template.attribute(id, 'Arn'), rules: [] };
  });
  for (const [id, { EventBusName, EventPattern: pattern, State, Targets }] of template.all(resourceSchemas.rule)) {
    const bus = buses.find(({ name, arn }) => name === EventBusName || arn === EventBusName);
    if (!bus)
      throw new UnsupportedResourceError(id, `belongs to ${EventBusName}, which is not an event bus of this stack.`);
    if (State === 'DISABLED') continue;
    const targets = Targets.map(({ Arn, InputPath }) => ({
      queue: queueNamed(Arn, id),
      hasDetailOnly: InputPath !== undefined,
    }));
    bus.rules.push({ pattern, targets });
  }
  return buses;
}

function schedulesOf(template: Template, queueNamed: QueueLookup): ScheduleModel[] {
  return template.all(resourceSchemas.schedule).flatMap(([id, schedule]) => {
    const { Name: name = id, ScheduleExpression: expression, ScheduleExpressionTimezone: timezone, Target } = schedule;
    if (schedule.State === 'DISABLED') return [];
    return { name, expression, timezone, queue: queueNamed(Target.Arn, id), message: Target.Input };
  });
}
