/**
 * What of a template is served, as declarations: for each type of resource its properties, with the
 * defaults that CloudFormation documents. Whatever is named nowhere here is refused.
 */
import { z } from 'zod';

/** A type of resource that a request meets. */
export interface ResourceSchema<Shape extends z.ZodType = z.ZodType> {
  type: string;
  /** The properties that are served. It is strict: a property that it does not name is a fault. */
  shape: Shape;
  /** Properties that no request can tell. */
  ignored: readonly string[];
}

function served<Shape extends z.ZodType>(type: string, shape: Shape, ignored: string[] = []): ResourceSchema<Shape> {
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
  // How the deployed API is reached.
  ['Name', 'Description', 'DisableExecuteApiEndpoint', 'IpAddressType', 'Tags'],
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

export type Route = z.output<(typeof route)['shape']>;
export const route = served(
  'AWS::ApiGatewayV2::Route',
  z.strictObject({
    ApiId: z.string(),
    RouteKey: z
      .string()
      .regex(/^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) \/[^{}]*$/, 'must be one method and an exact path'),
    Target: z.string().regex(/^integrations\//),
    AuthorizationType: z.enum(['NONE', 'JWT']).default('NONE'),
    AuthorizerId: z.string().optional(),
    AuthorizationScopes: strings.default([]),
  }),
);

export const authorizer = served(
  'AWS::ApiGatewayV2::Authorizer',
  z.strictObject({
    ApiId: z.string(),
    AuthorizerType: z.literal('JWT'),
    IdentitySource: z.tuple([
      z.string().regex(/^\$request\.header\.authorization$/i, 'must be $request.header.Authorization'),
    ]),
    JwtConfiguration: z.strictObject({
      Issuer: z
        .url()
        .refine(
          (issuer) => /^https:|^http:\/\/(127\.0\.0\.1|localhost)[:/]/.test(`${issuer}/`),
          'must be an https URL, or one of this machine',
        ),
      Audience: strings.min(1),
    }),
  }),
  ['Name'],
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
  ['Architectures', 'Description', 'KmsKeyArn', 'Role', 'Tags', 'TracingConfig'],
);

/** A published version: the function as it is when it is deployed first. */
export const version = served('AWS::Lambda::Version', z.strictObject({ FunctionName: z.string() }), [
  'CodeSha256',
  'Description',
]);

export const alias = served(
  'AWS::Lambda::Alias',
  z.strictObject({
    FunctionName: z.string(),
    FunctionVersion: z.string(),
    Name: z.string().regex(/^(?!\d+$)[a-zA-Z0-9-_]+$/, 'must be the name of an alias'),
  }),
  ['Description'],
);

export type Permission = z.output<(typeof permission)['shape']>;
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
    /** A version or an alias. */
    Qualifier: z.string(),
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
  [
    api,
    stage,
    route,
    authorizer,
    integration,
    lambdaFunction,
    version,
    alias,
    permission,
    eventInvokeConfig,
    queue,
  ].map(({ type }) => type),
);

/**
 * Types that no request meets: this runtime neither checks credentials nor keeps logs, it watches nothing,
 * deploys nothing by and by, and has no name in the DNS.
 */
export const ignoredTypes: ReadonlySet<string> = new Set([
  'AWS::ApiGatewayV2::ApiMapping',
  'AWS::ApiGatewayV2::DomainName',
  'AWS::CDK::Metadata',
  'AWS::CertificateManager::Certificate',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::CodeDeploy::Application',
  'AWS::CodeDeploy::DeploymentConfig',
  'AWS::CodeDeploy::DeploymentGroup',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::KMS::Alias',
  'AWS::KMS::Key',
  'AWS::Logs::LogGroup',
  'AWS::Logs::MetricFilter',
  'AWS::Logs::QueryDefinition',
  'AWS::Logs::ResourcePolicy',
  'AWS::ResourceGroups::Group',
  'AWS::Route53::RecordSet',
  'AWS::SNS::Subscription',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
  'AWS::SSM::Parameter',
]);
