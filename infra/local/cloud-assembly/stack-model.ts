/** A stack as this runtime sees it: what affects a request, in plain values. */
import type { LogLevel } from './resource-schemas.ts';

/** A cloud assembly. */
export interface Assembly {
  stackName: string;
  api: ApiModel;
  functions: FunctionModel[];
  /** Everything that can be invoked, by ARN. */
  targets: ReadonlyMap<string, InvokeTarget>;
  sources: SourceModels;
  /** The types of resource that do not affect a request, each once. */
  ignored: string[];
}

export interface ApiModel {
  id: string;
  stage: string;
  /** By route key, such as `POST /feeling`. */
  routes: ReadonlyMap<string, RouteModel>;
  cors?: Cors | undefined;
}

export interface RouteModel {
  key: string;
  target: InvokeTarget;
  /** The integration timeout. */
  timeoutMs: number;
  throttle: Throttle;
  /** What a request must prove; undefined on a public route. */
  authorization: Authorization | undefined;
}

/** The token that a route requires (docs: http-api-jwt-authorizer). */
export interface Authorization {
  authorizer: AuthorizerModel;
  /** The token must have one of these; an empty list requires none. */
  scopes: string[];
}

export interface AuthorizerModel {
  /** The `iss` of a token, and the URL of its OpenID configuration. */
  issuer: string;
  /** The `aud` of a token must have one of these. */
  audiences: string[];
}

/** A token bucket: `burst` requests at once, `rate` requests a second on average. */
export interface Throttle {
  rate: number;
  burst: number;
}

export interface Cors {
  allowOrigins: string[];
  allowMethods: string[];
  allowHeaders: string[];
  exposeHeaders: string[];
  allowCredentials: boolean;
  /** Seconds. */
  maxAge?: number | undefined;
}

/** A function. Its published version has the same code and configuration, as both come from one template. */
export interface FunctionModel {
  name: string;
  /** `file.export`. */
  handler: string;
  /** The folder of the bundled asset. */
  directory: string;
  /** The inspector of its process, where there is one: nothing limits its time and its memory then. */
  inspector?: { port: number; waits: boolean };
  /** The entry file of the bundle, where known. */
  entry: string | undefined;
  memoryMb: number;
  timeoutMs: number;
  /** The variables of the template, without those that Lambda adds. */
  environment: Record<string, string>;
  logFormat: 'JSON' | 'Text';
  /** The lowest level of the function's own lines. Only JSON logging has levels. */
  logLevel: LogLevel;
  logGroup: string;
  /** The reserved concurrency, where the template sets one. */
  reservedConcurrency?: number | undefined;
}

/**
 * What a caller can invoke: a function, or a version or an alias of it (docs: configuration-versions,
 * configuration-aliases). The function itself is its version `$LATEST`.
 */
export interface InvokeTarget {
  function: FunctionModel;
  /** A version or an alias; undefined for the function itself. */
  qualifier: string | undefined;
  /** Such as `feeling` or `feeling:live`. */
  name: string;
  /** With the qualifier, where there is one. */
  arn: string;
  /** The version that runs. Each version has execution environments of its own. */
  version: string;
  asynchronous: AsynchronousConfiguration;
}

/** How asynchronous invocations are retried and recorded (docs: invocation-async). Each version and alias has its own. */
export interface AsynchronousConfiguration {
  /** Retries after a function error. */
  maxRetries: number;
  /** The maximum event age. */
  maxAgeMs: number;
  /** The name of the queue for failed events. */
  onFailure?: string | undefined;
  /** The name of the queue for results. */
  onSuccess?: string | undefined;
}

/** An SQS queue. */
export interface QueueModel {
  name: string;
  arn: string;
  /** By the names of the SQS API, such as `VisibilityTimeout`. */
  attributes: Record<string, string>;
}

/** An SNS topic. */
export interface TopicModel {
  name: string;
  arn: string;
  subscriptions: SubscriptionModel[];
}

/** A subscription of a queue to a topic. */
export interface SubscriptionModel {
  queueArn: string;
  /** By the names of the SNS API, such as `RawMessageDelivery`. */
  attributes: Record<string, string>;
}

/** What brings events to functions besides the HTTP API and Invoke, and where results go. */
export interface SourceModels {
  queues: QueueModel[];
  topics: TopicModel[];
  mappings: EventSourceMappingModel[];
  buses: EventBusModel[];
  schedules: ScheduleModel[];
}

/** A function that Lambda invokes with the messages of a queue (docs: with-sqs). */
export interface EventSourceMappingModel {
  queue: QueueModel;
  target: InvokeTarget;
  /** The most messages of an invocation. */
  batchSize: number;
  /** How long to gather messages for a batch. */
  windowMs: number;
  /** Whether the function names the messages that failed. Otherwise a batch succeeds or fails as a whole. */
  reportsItemFailures: boolean;
  /** The most invocations at a time; undefined if only the function's concurrency limits them. */
  maxConcurrency: number | undefined;
}

export interface EventBusModel {
  name: string;
  arn: string;
  rules: EventRuleModel[];
}

export interface EventRuleModel {
  /** The values that an event may have; a member that is undefined takes any. */
  pattern: { source?: string[] | undefined; 'detail-type'?: string[] | undefined };
  targets: { queue: QueueModel; hasDetailOnly: boolean }[];
}

/** A message that is sent again and again. */
export interface ScheduleModel {
  name: string;
  /** Of EventBridge Scheduler: `rate(…)`, `cron(…)` or `at(…)`. */
  expression: string;
  timezone: string;
  queue: QueueModel;
  message: string;
}
