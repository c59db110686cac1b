import { fileURLToPath } from 'node:url';
import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { CorsHttpMethod, HttpApi, HttpMethod, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  ApplicationLogLevel,
  Architecture,
  type EventInvokeConfigOptions,
  type IFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
} from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { operations } from '../shared/contract.ts';
import type { Configuration } from './configuration.ts';
import { type Door, functionName } from './function-name.ts';
import { RouteIntegration } from './route-integration.ts';

export interface FeelingStackProps extends StackProps {
  configuration: Configuration;
}

/** The API and the functions behind it. */
export class FeelingStack extends Stack {
  private readonly configuration: Configuration;

  constructor(scope: Construct, id: string, { configuration, ...props }: FeelingStackProps) {
    super(scope, id, props);
    this.configuration = configuration;
    const { stage, allowedOrigins, throttleRate, throttleBurst } = configuration;

    const api = new HttpApi(this, 'Api', {
      apiName: `feeling-${stage}`,
      description: 'Turns an emoji reaction into a feeling',
      createDefaultStage: false,
      corsPreflight: {
        allowOrigins: allowedOrigins,
        allowMethods: [...new Set(operations.map(({ method }) => CorsHttpMethod[method]))],
        allowHeaders: ['content-type'],
        exposeHeaders: ['apigw-requestid'],
        maxAge: Duration.hours(1),
      },
    });

    new HttpStage(this, 'Stage', {
      httpApi: api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: throttleRate, burstLimit: throttleBurst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(this.logGroup('AccessLog')),
        format: AccessLogFormat.custom(
          JSON.stringify({
            requestId: '$context.requestId',
            time: '$context.requestTime',
            route: '$context.routeKey',
            status: '$context.status',
            responseLength: '$context.responseLength',
            responseLatency: '$context.responseLatency',
            integrationLatency: '$context.integrationLatency',
            integrationError: '$context.integrationErrorMessage',
            error: '$context.error.message',
          }),
        ),
      },
    });

    // The operationId names the folder of an operation's functions.
    for (const { operationId, method, path, direct } of operations) {
      const http = this.function(operationId, 'http');
      const integration = new RouteIntegration(`${operationId}-http`, http, { method, timeout: Duration.seconds(10) });
      api.addRoutes({ path, methods: [HttpMethod[method]], integration });
      if (direct) this.directFunction(operationId);
    }

    new CfnOutput(this, 'ApiUrl', { value: api.apiEndpoint });
  }

  /** A function that callers invoke themselves. An event that it fails at is tried again, then kept. */
  private directFunction(operationId: string): void {
    const name = functionName(operationId, 'direct', this.configuration.stage);
    const failedEvents = new Queue(this, `${operationId}-failed-events`, {
      queueName: `${name}-failed-events`,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    this.function(operationId, 'direct', {
      retryAttempts: 2,
      // Long enough to outlast a throttling, short enough that an answer is still of use.
      maxEventAge: Duration.hours(1),
      onFailure: new SqsDestination(failedEvents),
    });
    new CfnOutput(this, `${operationId}-failed-events-url`, { value: failedEvents.queueUrl });
  }

  /** A function of ours: one bundled file, a log group of its own, and a role that may write to that and nothing else. */
  private function(operationId: string, door: Door, asynchronous: EventInvokeConfigOptions = {}): IFunction {
    const root = fileURLToPath(new URL('..', import.meta.url));
    const { stage, logLevel } = this.configuration;
    const id = `${operationId}-${door}`;
    const logGroup = this.logGroup(`${id}-log`);
    const role = new Role(this, `${id}-role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    const handler = new NodejsFunction(this, id, {
      ...asynchronous,
      functionName: functionName(operationId, door, stage),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      // A request takes microseconds; memory buys the CPU share that a cold start needs.
      memorySize: 256,
      // Room for the slowest cold start. A hang ends here, before the integration's timeout.
      timeout: Duration.seconds(5),
      loggingFormat: LoggingFormat.JSON,
      applicationLogLevelV2: ApplicationLogLevel[logLevel],
      systemLogLevelV2: SystemLogLevel.INFO,
      logGroup,
      role,
      entry: `${root}functions/${operationId}/${door}.ts`,
      depsLockFilePath: `${root}package-lock.json`,
      bundling: { format: OutputFormat.ESM, minify: true, target: 'node24', externalModules: [] },
    });
    new CfnOutput(this, `${id}-name`, { value: handler.functionName });
    return handler;
  }

  private logGroup(id: string): LogGroup {
    return new LogGroup(this, id, { retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
  }
}
