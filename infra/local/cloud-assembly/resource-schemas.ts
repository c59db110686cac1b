/**
 * The types of resource that this runtime serves: their properties, with the defaults that CloudFormation documents.
 * The runtime refuses types and properties that are not named here.
 */
import { z } from 'zod';
import { functionVariables } from './function-variables.ts';
import { integer, served } from './resource-schema.ts';
import { sourceSchemas } from './source-schemas.ts';

const strings = z.array(z.string());

/** The levels of Lambda's JSON logging, lowest first. */
export type LogLevel = z.infer<typeof logLevel>;
const logLevel = z.enum(['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']);

const routeSettings = z.strictObject({
  ThrottlingBurstLimit: integer.optional(),
  ThrottlingRateLimit: z.number().optional(),
  DetailedMetricsEnabled: z.boolean().optional(),
});

/** A path has whole segments as variables, `{name+}` as the last one only, and no slash at its end. */
const routeKey =
  /^(?:\$default|(?:ANY|GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (?:\/|(?=\/)(?:\/(?:[^{}/]+|\{[\w.:-]+\}))*(?:\/\{[\w.:-]+\+\})?))$/;

const destination = z.strictObject({ Destination: z.string() });

/** The table of served types. */
export const resourceSchemas = {
  api: served(
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
          MaxAge: integer.optional(),
        })
        .optional(),
    }),
    // They concern the address of the deployed API.
    ['Name', 'Description', 'DisableExecuteApiEndpoint', 'IpAddressType', 'Tags'],
  ),
  stage: served(
    'AWS::ApiGatewayV2::Stage',
    z.strictObject({
      ApiId: z.string(),
      StageName: z.literal('$default'),
      AutoDeploy: z.literal(true),
      DefaultRouteSettings: routeSettings.default({}),
      RouteSettings: z.record(z.string(), routeSettings).default({}),
    }),
    ['AccessLogSettings', 'Description', 'Tags'],
  ),
  route: served(
    'AWS::ApiGatewayV2::Route',
    z.strictObject({
      ApiId: z.string(),
      RouteKey: z.string().regex(routeKey, 'must be $default, or a method or ANY and a path such as /things/{id}'),
      Target: z.string().regex(/^integrations\//),
      AuthorizationType: z.enum(['NONE', 'JWT']).default('NONE'),
      AuthorizerId: z.string().optional(),
      AuthorizationScopes: strings.default([]),
    }),
  ),
  authorizer: served(
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
            'must be an https URL, or an http URL of this machine',
          ),
        Audience: strings.min(1),
      }),
    }),
    ['Name'],
  ),
  integration: served(
    'AWS::ApiGatewayV2::Integration',
    z.strictObject({
      ApiId: z.string(),
      IntegrationType: z.literal('AWS_PROXY'),
      IntegrationUri: z.string(),
      PayloadFormatVersion: z.literal('2.0'),
      TimeoutInMillis: integer.pipe(z.number().min(50).max(30_000)).default(30_000),
    }),
    ['Description'],
  ),
  lambdaFunction: served(
    'AWS::Lambda::Function',
    z.strictObject({
      FunctionName: z.string().optional(),
      Runtime: z.literal('nodejs24.x'),
      Handler: z.string(),
      Code: z.strictObject({ S3Bucket: z.string(), S3Key: z.string() }),
      MemorySize: integer.default(128),
      Timeout: integer.default(3),
      Environment: z.strictObject({ Variables: functionVariables }).optional(),
      LoggingConfig: z
        .strictObject({
          LogFormat: z.enum(['JSON', 'Text']).default('Text'),
          ApplicationLogLevel: logLevel.default('INFO'),
          SystemLogLevel: z.enum(['DEBUG', 'INFO', 'WARN']).default('INFO'),
          LogGroup: z.string().optional(),
        })
        .optional(),
      ReservedConcurrentExecutions: integer.optional(),
    }),
    ['Architectures', 'Description', 'KmsKeyArn', 'Role', 'Tags', 'TracingConfig'],
  ),
  /** A published version: the function as first deployed. */
  version: served('AWS::Lambda::Version', z.strictObject({ FunctionName: z.string() }), ['CodeSha256', 'Description']),
  alias: served(
    'AWS::Lambda::Alias',
    z.strictObject({
      FunctionName: z.string(),
      FunctionVersion: z.string(),
      Name: z.string().regex(/^(?!\d+$)[a-zA-Z0-9-_]+$/, 'must be the name of an alias'),
    }),
    ['Description'],
  ),
  permission: served(
    'AWS::Lambda::Permission',
    z.strictObject({
      Action: z.literal('lambda:InvokeFunction'),
      FunctionName: z.string(),
      Principal: z.string(),
      SourceArn: z.string().optional(),
    }),
  ),
  eventInvokeConfig: served(
    'AWS::Lambda::EventInvokeConfig',
    z.strictObject({
      FunctionName: z.string(),
      Qualifier: z.string(),
      MaximumEventAgeInSeconds: integer.default(21_600),
      MaximumRetryAttempts: integer.default(2),
      DestinationConfig: z
        .strictObject({ OnFailure: destination.optional(), OnSuccess: destination.optional() })
        .default({}),
    }),
  ),
  ...sourceSchemas,
};

export type Route = z.output<(typeof resourceSchemas)['route']['shape']>;
export type Permission = z.output<(typeof resourceSchemas)['permission']['shape']>;

/** Every served type. */
export const servedTypes: ReadonlySet<string> = new Set(Object.values(resourceSchemas).map(({ type }) => type));

/**
 * Types that do not affect a request: this runtime checks no credentials, keeps no logs, raises no alarms, has no
 * gradual deployments and no DNS names.
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
  'AWS::Scheduler::ScheduleGroup',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
  'AWS::SSM::Parameter',
]);
