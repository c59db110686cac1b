/** The CDK app of a test stack. */
import {
  CorsHttpMethod,
  type CorsPreflightOptions,
  HttpApi,
  HttpMethod,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import {
  Alias,
  ApplicationLogLevel,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import type { ApiDescription, FunctionDescription, SynthesisRequest } from './synthesis-request.ts';

export async function synthesiseTestStack({
  directory,
  source,
  functions,
  api,
}: Extract<SynthesisRequest, { stack: 'test' }>): Promise<void> {
  const app = new App({ outdir: directory, analyticsReporting: false, builtinCloudFormationValidation: false });
  const stack = new Stack(app, 'Test');
  const { cors, throttle, jwt } = api;
  const httpApi = new HttpApi(stack, 'Api', {
    createDefaultStage: false,
    ...(cors && { corsPreflight: corsOf(cors) }),
  });
  new HttpStage(stack, 'Stage', { httpApi, stageName: '$default', autoDeploy: true, ...(throttle && { throttle }) });
  const authorizer = jwt && new HttpJwtAuthorizer('Jwt', jwt.issuer, { jwtAudience: jwt.audience });
  for (const [name, description] of Object.entries(functions)) {
    const fn = addFunction(stack, name, source, description);
    // Loaded only where it is needed: it takes many modules of the CDK.
    if (description.queue) (await import('./test-queue.ts')).addQueue(stack, name, fn, description.queue);
    const space = description.route.indexOf(' ');
    const [method, path] = [description.route.slice(0, space), description.route.slice(space + 1)];
    const isDefault = description.route === HttpRouteKey.DEFAULT.key;
    new HttpRoute(stack, `${name}-route`, {
      httpApi,
      routeKey: isDefault ? HttpRouteKey.DEFAULT : HttpRouteKey.with(path, memberOf(HttpMethod, method)),
      integration: new HttpLambdaIntegration(`${name}-integration`, fn, {
        timeout: duration(description.integrationTimeoutMs),
      }),
      ...(authorizer && { authorizer, authorizationScopes: description.scopes }),
    });
  }
  app.synth();
}

/** @returns the function, or its alias `live` if it has one */
function addFunction(
  stack: Stack,
  name: string,
  source: string,
  { handler, options, hasQueues, live }: FunctionDescription,
): LambdaFunction | Alias {
  const queue = (use: string) =>
    new SqsDestination(new Queue(stack, `${name}-${use}`, { queueName: `${name}-${use}` }));
  const queues = (prefix = '') => ({ onSuccess: queue(`${prefix}results`), onFailure: queue(`${prefix}failures`) });
  const { timeoutMs, loggingFormat, applicationLogLevelV2, maxEventAgeMs, ...others } = options;
  const fn = new LambdaFunction(stack, name, {
    functionName: name,
    runtime: Runtime.NODEJS_24_X,
    code: Code.fromAsset(source),
    handler,
    memorySize: 256,
    ...(hasQueues && queues()),
    ...others,
    timeout: Duration.millis(timeoutMs ?? 20_000),
    loggingFormat: memberOf(LoggingFormat, loggingFormat),
    applicationLogLevelV2: memberOf(ApplicationLogLevel, applicationLogLevelV2),
    maxEventAge: duration(maxEventAgeMs),
  });
  if (!live) return fn;
  return new Alias(stack, `${name}-live`, {
    aliasName: 'live',
    version: fn.currentVersion,
    maxEventAge: duration(live.maxEventAgeMs),
    retryAttempts: live.retryAttempts,
    ...(live.hasQueues && queues('live-')),
  });
}

function corsOf({ allowMethods, maxAgeMs, ...others }: NonNullable<ApiDescription['cors']>): CorsPreflightOptions {
  return {
    ...others,
    allowMethods: allowMethods?.map((method) => memberOf(CorsHttpMethod, method)),
    maxAge: duration(maxAgeMs),
  };
}

function duration(milliseconds: number | undefined): Duration | undefined {
  return milliseconds === undefined ? undefined : Duration.millis(milliseconds);
}

/** @throws {Error} when the CDK's enumeration has no such value */
function memberOf<Member extends string>(members: Record<string, Member>, value: string): Member;
function memberOf<Member extends string>(members: Record<string, Member>, value?: string): Member | undefined;
function memberOf<Member extends string>(members: Record<string, Member>, value?: string): Member | undefined {
  if (value === undefined) return undefined;
  const member = Object.values(members).find((known) => known === value);
  if (member === undefined) throw new Error(`${value}: write one of ${Object.values(members).join(', ')}`);
  return member;
}
