/** The types of resource that bring events to functions, or take results. */
import { z } from 'zod';
import { integer, served } from './resource-schema.ts';

const seconds = integer.transform(String).optional();
const trueOrFalse = z.boolean().transform(String).optional();

/** Only exact values: a pattern with a filter, such as `prefix`, is refused by its name. */
const patternValues = z.array(z.string('Only exact values are served: write strings.')).min(1).optional();

export const sourceSchemas = {
  queue: served(
    'AWS::SQS::Queue',
    z.strictObject({
      QueueName: z.string().optional(),
      DelaySeconds: seconds,
      MaximumMessageSize: seconds,
      ReceiveMessageWaitTimeSeconds: seconds,
      VisibilityTimeout: seconds,
      FifoQueue: trueOrFalse,
      ContentBasedDeduplication: trueOrFalse,
      RedrivePolicy: z.strictObject({ deadLetterTargetArn: z.string(), maxReceiveCount: integer }).optional(),
    }),
    [
      'DeduplicationScope',
      'FifoThroughputLimit',
      'KmsDataKeyReusePeriodSeconds',
      'KmsMasterKeyId',
      'MessageRetentionPeriod',
      'RedriveAllowPolicy',
      'SqsManagedSseEnabled',
      'Tags',
    ],
  ),
  topic: served('AWS::SNS::Topic', z.strictObject({ TopicName: z.string().optional() }), [
    'DisplayName',
    'KmsMasterKeyId',
    'Tags',
    'TracingConfig',
  ]),
  subscription: served(
    'AWS::SNS::Subscription',
    z.strictObject({
      TopicArn: z.string(),
      Protocol: z.string(),
      Endpoint: z.string().optional(),
      RawMessageDelivery: z.boolean().default(false),
      FilterPolicy: z.record(z.string(), z.unknown()).optional(),
      FilterPolicyScope: z.enum(['MessageAttributes', 'MessageBody']).default('MessageAttributes'),
    }),
    ['RedrivePolicy', 'DeliveryPolicy'],
  ),
  eventSourceMapping: served(
    'AWS::Lambda::EventSourceMapping',
    z.strictObject({
      EventSourceArn: z.string(),
      FunctionName: z.string(),
      BatchSize: integer.pipe(z.number().min(1).max(10_000)).default(10),
      MaximumBatchingWindowInSeconds: integer.pipe(z.number().max(300)).default(0),
      FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
      ScalingConfig: z.strictObject({ MaximumConcurrency: integer.pipe(z.number().min(2).max(1000)) }).optional(),
      Enabled: z.boolean().default(true),
    }),
    ['Tags'],
  ),
  bus: served('AWS::Events::EventBus', z.strictObject({ Name: z.string() }), [
    'DeadLetterConfig',
    'Description',
    'KmsKeyIdentifier',
    'LogConfig',
    'Tags',
  ]),
  rule: served(
    'AWS::Events::Rule',
    z.strictObject({
      EventBusName: z.string().default('default'),
      EventPattern: z.strictObject({ source: patternValues, 'detail-type': patternValues }),
      State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
      Targets: z.array(
        z.strictObject({
          Id: z.string(),
          Arn: z.string(),
          InputPath: z.literal('$.detail').optional(),
          DeadLetterConfig: z.unknown().optional(),
          RetryPolicy: z.unknown().optional(),
        }),
      ),
    }),
    ['Name', 'Description', 'Tags'],
  ),
  schedule: served(
    'AWS::Scheduler::Schedule',
    z.strictObject({
      Name: z.string().optional(),
      ScheduleExpression: z.string(),
      ScheduleExpressionTimezone: z.string().default('UTC'),
      State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
      FlexibleTimeWindow: z.strictObject({ Mode: z.literal('OFF') }),
      Target: z.strictObject({
        Arn: z.string(),
        Input: z.string(),
        RoleArn: z.string(),
        DeadLetterConfig: z.unknown().optional(),
        RetryPolicy: z.unknown().optional(),
      }),
    }),
    ['Description', 'GroupName', 'KmsKeyArn', 'StartDate', 'EndDate'],
  ),
};
