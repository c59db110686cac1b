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
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Aws, CfnOutput, Duration, Fn, Stack, type StackProps, Tags } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { operations } from '../shared/contract.ts';
import type { Configuration } from './configuration.ts';
import { FeelingFunction, removalPolicyOf } from './feeling-function.ts';
import { functionName } from './function-name.ts';
import { keptQueue } from './kept-queue.ts';
import { Monitoring } from './monitoring.ts';
import { type ReactionSources, reactionSources } from './reaction-sources.ts';
import { RouteIntegration } from './route-integration.ts';

export interface FeelingStackProps extends StackProps {
  configuration: Configuration;
}

const deploymentConfigs = {
  AllAtOnce: LambdaDeploymentConfig.ALL_AT_ONCE,
  Canary10Percent10Minutes: LambdaDeploymentConfig.CANARY_10PERCENT_10MINUTES,
  Canary10Percent15Minutes: LambdaDeploymentConfig.CANARY_10PERCENT_15MINUTES,
  Canary10Percent30Minutes: LambdaDeploymentConfig.CANARY_10PERCENT_30MINUTES,
  Linear10PercentEvery1Minute: LambdaDeploymentConfig.LINEAR_10PERCENT_EVERY_1MINUTE,
  Linear10PercentEvery2Minutes: LambdaDeploymentConfig.LINEAR_10PERCENT_EVERY_2MINUTES,
  Linear10PercentEvery3Minutes: LambdaDeploymentConfig.LINEAR_10PERCENT_EVERY_3MINUTES,
};

/** A line of the access log: route, status and times of a request. It holds nothing of what people wrote. */
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

/** The API, its functions, their monitoring and their deployment. */
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
    const functions: FeelingFunction[] = [];
    const queues: Queue[] = [];
    const sources: ReactionSources[] = [];
    const hasSources = configuration.sources.length > 0;

    // The operationId names the folder of an operation's functions.
    for (const { operationId, method, routePath, direct, records } of operations) {
      const http = new FeelingFunction(this, { configuration, operationId, trigger: 'http' });
      const integration = new RouteIntegration(`${operationId}-http`, http.live, {
        method,
        // Longer than the function's timeout: a function that hangs ends by itself and leaves a log line.
        timeout: Duration.seconds(Math.min(29, configuration.timeoutSeconds + 5)),
      });
      api.addRoutes({ path: routePath, methods: [HttpMethod[method]], integration, ...(authorizer && { authorizer }) });
      functions.push(http);
      if (direct) {
        const failedEvents = this.failedEvents(operationId);
        queues.push(failedEvents);
        functions.push(this.directFunction(operationId, failedEvents, records && hasSources));
      }
      if (records && hasSources) {
        const reactions = reactionSources(this, configuration, operationId);
        sources.push(reactions);
        functions.push(reactions.fn);
      }
    }
    const monitoring = new Monitoring(this, 'Monitoring', { configuration, api, stage, functions, queues, sources });
    this.deployGradually(functions, monitoring);
    for (const fn of functions) new CfnOutput(this, `${fn.node.id}-name`, { value: fn.handler.functionName });
    new CfnOutput(this, 'ApiUrl', {
      value: configuration.domainName ? `https://${configuration.domainName}` : api.apiEndpoint,
    });
  }

  private api(): { api: HttpApi; stage: HttpStage } {
    const { stage, allowedOrigins, allowedHeaders, jwtIssuer, throttleRate, throttleBurst, logRetentionDays } =
      this.configuration;
    const { domainName, certificateArn } = this.configuration;
    const api = new HttpApi(this, 'Api', {
      apiName: `feeling-${stage}`,
      description: 'Turns an emoji reaction into a feeling',
      createDefaultStage: false,
      // One address: whatever protects the domain cannot be passed by.
      disableExecuteApiEndpoint: domainName !== undefined,
      corsPreflight: {
        allowOrigins: allowedOrigins,
        allowMethods: [...new Set(operations.map(({ method }) => CorsHttpMethod[method]))].sort(),
        allowHeaders: [
          ...new Set([
            ...allowedHeaders,
            ...operations.flatMap(({ headers }) => headers),
            ...(jwtIssuer ? ['authorization'] : []),
          ]),
        ],
        // Pages may read the id to report a failure by, and how long to wait.
        exposeHeaders: ['apigw-requestid', 'retry-after'],
        maxAge: Duration.hours(1),
      },
    });
    const accessLog = new LogGroup(this, 'AccessLog', {
      // Under this prefix a log group takes no room in the account's log policy, which has 5,120 characters (docs:
      // AWS-logs-and-resource-policy). The id of the stack makes the name new after a removal that left the log.
      logGroupName: `/aws/vendedlogs/feeling-${stage}-${Fn.select(2, Fn.split('/', Aws.STACK_ID))}`,
      retention: logRetentionDays,
      removalPolicy: removalPolicyOf(this.configuration),
    });
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
      // The target of the domain's DNS record.
      new CfnOutput(this, 'DomainTarget', { value: domain.regionalDomainName });
    }
    return { api, stage: httpStage };
  }

  /** Makes the queue for asynchronous events whose retries failed. */
  private failedEvents(operationId: string): Queue {
    return keptQueue(this, `${operationId}-failed-events`, {
      configuration: this.configuration,
      queueName: `${functionName(operationId, 'direct', this.configuration.stage)}-failed-events`,
    });
  }

  /**
   * Makes a function that callers invoke themselves. Failed asynchronous events are retried, then kept.
   * @param hasAnswers whether the results of asynchronous events go to a queue
   */
  private directFunction(operationId: string, failedEvents: Queue, hasAnswers: boolean): FeelingFunction {
    const { configuration } = this;
    const queueName = `${functionName(operationId, 'direct', configuration.stage)}-answers`;
    const answers = hasAnswers && keptQueue(this, `${operationId}-direct-answers`, { configuration, queueName });
    return new FeelingFunction(this, {
      configuration,
      operationId,
      trigger: 'direct',
      asynchronous: {
        retryAttempts: 2,
        // Long enough to outlast a throttle, short enough for the result to be of use.
        maxEventAge: Duration.hours(1),
        onFailure: new SqsDestination(failedEvents),
        ...(answers && { onSuccess: new SqsDestination(answers) }),
      },
    });
  }

  /** Has CodeDeploy move each alias to its new version, and back when an alarm fires. */
  private deployGradually(functions: FeelingFunction[], monitoring: Monitoring): void {
    const application = new LambdaApplication(this, 'Deployments', { applicationName: this.stackName });
    for (const fn of functions) {
      new LambdaDeploymentGroup(this, `${fn.node.id}-deployment`, {
        application,
        alias: fn.live,
        deploymentConfig: deploymentConfigs[this.configuration.deployment],
        alarms: monitoring.rollbackAlarms(fn),
        ignoreAlarmConfiguration: this.configuration.ignoreAlarms ?? false,
      });
    }
  }
}
