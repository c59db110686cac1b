import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  ApiMapping,
  CorsHttpMethod,
  DomainName,
  HttpApi,
  HttpMethod,
  HttpStage,
  LogGroupLogDestination,
  SecurityPolicy,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { LambdaApplication, LambdaDeploymentConfig, LambdaDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { CfnOutput, Duration, Stack, type StackProps, Tags } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { operations } from '../shared/contract.ts';
import type { Configuration } from './configuration.ts';
import { FeelingFunction, removalPolicyOf } from './feeling-function.ts';
import { functionName } from './function-name.ts';
import { Monitoring } from './monitoring.ts';
import { RouteIntegration } from './route-integration.ts';

export interface FeelingStackProps extends StackProps {
  configuration: Configuration;
}

const deploymentConfigs = {
  AllAtOnce: LambdaDeploymentConfig.ALL_AT_ONCE,
  Canary10Percent5Minutes: LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
  Canary10Percent15Minutes: LambdaDeploymentConfig.CANARY_10PERCENT_15MINUTES,
  Linear10PercentEvery1Minute: LambdaDeploymentConfig.LINEAR_10PERCENT_EVERY_1MINUTE,
};

/** Of an access log line: who was answered what and how fast, and no word of what they wrote. */
const accessLogFormat = AccessLogFormat.custom(
  JSON.stringify({
    requestId: '$context.requestId',
    time: '$context.requestTime',
    route: '$context.routeKey',
    status: '$context.status',
    responseLength: '$context.responseLength',
    responseLatency: '$context.responseLatency',
    integrationLatency: '$context.integrationLatency',
    integrationStatus: '$context.integrationStatus',
    integrationError: '$context.integrationErrorMessage',
    error: '$context.error.message',
  }),
);

/** The API, the functions behind it, and what watches them. */
export class FeelingStack extends Stack {
  private readonly configuration: Configuration;

  constructor(scope: Construct, id: string, { configuration, ...props }: FeelingStackProps) {
    super(scope, id, props);
    this.configuration = configuration;
    Tags.of(this).add('service', 'feeling');
    Tags.of(this).add('stage', configuration.stage);

    const { api, stage } = this.api();
    const { jwtIssuer, jwtAudience } = configuration;
    const authorizer =
      jwtIssuer && jwtAudience && new HttpJwtAuthorizer('Jwt', jwtIssuer, { jwtAudience: [jwtAudience] });
    const monitoring = new Monitoring(this, 'Monitoring', { configuration, api, stage });
    const application = new LambdaApplication(this, 'Deployments', { applicationName: this.stackName });

    // The operationId names the folder of an operation's functions.
    for (const { operationId, method, path, direct } of operations) {
      const http = new FeelingFunction(this, { configuration, operationId, trigger: 'http' });
      const integration = new RouteIntegration(`${operationId}-http`, http.live, {
        method,
        // Longer than the function may take, so that a hang ends there and is logged.
        timeout: Duration.seconds(Math.min(29, configuration.timeoutSeconds + 5)),
      });
      api.addRoutes({ path, methods: [HttpMethod[method]], integration, ...(authorizer && { authorizer }) });

      const functions = [http];
      if (direct) functions.push(this.directFunction(operationId, monitoring));
      for (const fn of functions) {
        new LambdaDeploymentGroup(this, `${fn.node.id}-deployment`, {
          application,
          alias: fn.live,
          deploymentConfig: deploymentConfigs[configuration.deployment],
          // An alarm ends a deployment, and the alias goes back to the version before.
          alarms: monitoring.watchFunction(fn),
        });
        new CfnOutput(this, `${fn.node.id}-name`, { value: fn.handler.functionName });
      }
    }
    monitoring.finish();
    new CfnOutput(this, 'ApiUrl', {
      value: this.configuration.domainName ? `https://${this.configuration.domainName}` : api.apiEndpoint,
    });
  }

  private api(): { api: HttpApi; stage: HttpStage } {
    const { stage, allowedOrigins, throttleRate, throttleBurst, logRetentionDays, domainName, certificateArn } =
      this.configuration;
    const api = new HttpApi(this, 'Api', {
      apiName: `feeling-${stage}`,
      description: 'Turns an emoji reaction into a feeling',
      createDefaultStage: false,
      // With a domain of its own the API has one address, and whatever guards the domain guards it.
      disableExecuteApiEndpoint: domainName !== undefined,
      corsPreflight: {
        allowOrigins: allowedOrigins,
        allowMethods: [...new Set(operations.map(({ method }) => CorsHttpMethod[method]))],
        allowHeaders: ['content-type', ...(this.configuration.jwtIssuer ? ['authorization'] : [])],
        // What a page may read: by which id to report a failure, and what stands in front of the API may ask for.
        exposeHeaders: ['apigw-requestid', 'retry-after'],
        maxAge: Duration.hours(1),
      },
    });
    const removalPolicy = removalPolicyOf(this.configuration);
    const accessLog = new LogGroup(this, 'AccessLog', { retention: logRetentionDays, removalPolicy });
    const httpStage = new HttpStage(this, 'Stage', {
      httpApi: api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: throttleRate, burstLimit: throttleBurst },
      accessLogSettings: { destination: new LogGroupLogDestination(accessLog), format: accessLogFormat },
    });
    if (domainName && certificateArn) {
      const certificate = Certificate.fromCertificateArn(this, 'Certificate', certificateArn);
      const domain = new DomainName(this, 'Domain', {
        domainName,
        certificate,
        securityPolicy: SecurityPolicy.TLS_1_2,
      });
      new ApiMapping(this, 'Mapping', { api, domainName: domain, stage: httpStage });
      // The name under which a DNS record of the domain is to lead here.
      new CfnOutput(this, 'DomainTarget', { value: domain.regionalDomainName });
    }
    return { api, stage: httpStage };
  }

  /** A function that callers invoke themselves. An event that it fails at is tried again, then kept. */
  private directFunction(operationId: string, monitoring: Monitoring): FeelingFunction {
    const failedEvents = new Queue(this, `${operationId}-failed-events`, {
      queueName: `${functionName(operationId, 'direct', this.configuration.stage)}-failed-events`,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: removalPolicyOf(this.configuration),
    });
    monitoring.watchQueue(failedEvents);
    new CfnOutput(this, `${operationId}-failed-events-url`, { value: failedEvents.queueUrl });
    return new FeelingFunction(this, {
      configuration: this.configuration,
      operationId,
      trigger: 'direct',
      asynchronous: {
        retryAttempts: 2,
        // Long enough to outlast a throttling, short enough that an answer is still of use.
        maxEventAge: Duration.hours(1),
        onFailure: new SqsDestination(failedEvents),
      },
    });
  }
}
