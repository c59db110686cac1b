/**
 * What of a template is served, as declarations: for each type of resource its properties, with the
 * defaults that CloudFormation documents. Whatever is named nowhere here is refused.
 */
import { z } from 'zod';

/** A type of resource that a request meets. */
export interface ServedResource<Shape extends z.ZodType = z.ZodType> {
  type: string;
  /** The properties that are served. It is strict: a property that it does not name is a fault. */
  shape: Shape;
  /** Properties that no request can tell. */
  ignored: readonly string[];
}

function served<Shape extends z.ZodType>(type: string, shape: Shape, ignored: string[] = []): ServedResource<Shape> {
  return { type, shape, ignored };
}

const strings = z.array(z.string());

/** The levels of Lambda's JSON logging, lowest first. */
export type LogLevel = z.infer<typeof logLevel>;
const logLevel = z.enum(['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']);

export const api = served(
  'AWS::ApiGatewayV2::Api',
  z.strictObject({
    ProtocolType: z.literal('HTTP'),
    CorsConfiguration: z
      .strictObject({
        AllowOrigins: strings.default([]),
        AllowMethods: strings.default([]),
        AllowHeaders: strings.default([]),
        ExposeHeaders: strings.default([]),
        AllowCredentials: z.boolean().default(false),
        MaxAge: z.number().int().optional(),
      })
      .optional(),
  }),
  ['Name', 'Description', 'Tags'],
);

const routeSettings = z.strictObject({
  ThrottlingBurstLimit: z.number().int().optional(),
  ThrottlingRateLimit: z.number().optional(),
  DetailedMetricsEnabled: z.boolean().optional(),
});

export const stage = served(
  'AWS::ApiGatewayV2::Stage',
  z.strictObject({
    ApiId: z.string(),
    StageName: z.literal('$default'),
    AutoDeploy: z.literal(true),
    DefaultRouteSettings: routeSettings.default({}),
    RouteSettings: z.record(z.string(), routeSettings).default({}),
  }),
  ['AccessLogSettings', 'Description', 'Tags'],
);

export const route = served(
  'AWS::ApiGatewayV2::Route',
  z.strictObject({
    ApiId: z.string(),
    RouteKey: z
      .string()
      .regex(/^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) \/[^{}]*$/, 'must be one method and an exact path'),
    Target: z.string().regex(/^integrations\//),
    AuthorizationType: z.literal('NONE').optional(),
  }),
);

export const integration = served(
  'AWS::ApiGatewayV2::Integration',
  z.strictObject({
    ApiId: z.string(),
    IntegrationType: z.literal('AWS_PROXY'),
    IntegrationUri: z.string(),
    PayloadFormatVersion: z.literal('2.0'),
    TimeoutInMillis: z.number().int().min(50).max(30_000).default(30_000),
  }),
  ['Description'],
);

export const lambdaFunction = served(
  'AWS::Lambda::Function',
  z.strictObject({
    FunctionName: z.string().optional(),
    Runtime: z.literal('nodejs24.x'),
    Handler: z.string(),
    Code: z.strictObject({ S3Bucket: z.string(), S3Key: z.string() }),
    MemorySize: z.number().int().default(128),
    Timeout: z.number().int().default(3),
    Environment: z.strictObject({ Variables: z.record(z.string(), z.string()).default({}) }).optional(),
    LoggingConfig: z
      .strictObject({
        LogFormat: z.enum(['JSON', 'Text']).default('Text'),
        ApplicationLogLevel: logLevel.default('INFO'),
        SystemLogLevel: z.enum(['DEBUG', 'INFO', 'WARN']).default('INFO'),
        LogGroup: z.string().optional(),
      })
      .optional(),
    ReservedConcurrentExecutions: z.number().int().optional(),
  }),
  ['Architectures', 'Description', 'Role', 'Tags'],
);

export const permission = served(
  'AWS::Lambda::Permission',
  z.strictObject({
    Action: z.literal('lambda:InvokeFunction'),
    FunctionName: z.string(),
    Principal: z.string(),
    SourceArn: z.string().optional(),
  }),
);

const destination = z.strictObject({ Destination: z.string() });

export const eventInvokeConfig = served(
  'AWS::Lambda::EventInvokeConfig',
  z.strictObject({
    FunctionName: z.string(),
    Qualifier: z.literal('$LATEST'),
    MaximumEventAgeInSeconds: z.number().int().default(21_600),
    MaximumRetryAttempts: z.number().int().default(2),
    DestinationConfig: z
      .strictObject({ OnFailure: destination.optional(), OnSuccess: destination.optional() })
      .default({}),
  }),
);

/** Only as a destination: nobody else can send to it or receive from it. */
export const queue = served('AWS::SQS::Queue', z.strictObject({ QueueName: z.string().optional() }), [
  'KmsMasterKeyId',
  'MessageRetentionPeriod',
  'SqsManagedSseEnabled',
  'Tags',
  'VisibilityTimeout',
]);

/** Every type above. */
export const servedTypes: ReadonlySet<string> = new Set(
  [api, stage, route, integration, lambdaFunction, permission, eventInvokeConfig, queue].map(({ type }) => type),
);

/** Types that no request meets: this runtime neither checks credentials nor keeps logs. */
export const passedOverTypes: ReadonlySet<string> = new Set([
  'AWS::CDK::Metadata',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::Logs::LogGroup',
  'AWS::SQS::QueuePolicy',
]);
