/** A stack of the tests' own: small functions, each behind a route, served by the local runtime. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CorsPreflightOptions,
  HttpApi,
  HttpMethod,
  HttpStage,
  type ThrottleSettings,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import {
  Alias,
  Code,
  type EventInvokeConfigOptions,
  type FunctionOptions,
  Function as LambdaFunction,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { functionArn, latest } from '../../infra/local/aws/arn.ts';
import type { FunctionModel } from '../../infra/local/cloud-assembly/stack-model.ts';
import type { RequestReport } from '../../infra/local/http-api/gateway.ts';
import type { PoolOptions } from '../../infra/local/lambda/environment-pool.ts';
import { FunctionPool } from '../../infra/local/lambda/function-pool.ts';
import type { Invocation } from '../../infra/local/lambda/invocation.ts';
import { LocalRuntime, type LocalRuntimeEvent, type LocalRuntimeOptions } from '../../infra/local/local-runtime.ts';

export type Handler = (event: APIGatewayProxyEventV2, context: Context) => unknown;

export interface TestFunction {
  /**
   * The handler, or the source of a module that exports one as `handler`. Of a handler it is the
   * source that is deployed: it can refer to nothing outside of itself but Node's globals.
   */
  code: Handler | string;
  /** @default `handler` of the file that `code` is written to */
  handler?: string;
  /** @default `GET /<name>` */
  route?: `${keyof typeof HttpMethod} /${string}`;
  /** @default that of API Gateway, 30 s */
  integrationTimeout?: Duration;
  options?: FunctionOptions;
  /** Queues for the results and the failures of asynchronous invocations: `<name>-results`, `<name>-failures`. */
  hasQueues?: boolean;
  /**
   * Has a version published, and an alias `live` of it in front of which the route stands. Its queues are
   * `<name>-live-results` and `<name>-live-failures`.
   */
  live?: Pick<EventInvokeConfigOptions, 'maxEventAge' | 'retryAttempts'> & { hasQueues?: boolean };
  /** Of which a token is to have one, where the API wants tokens. */
  scopes?: string[];
}

export interface TestApi {
  /** Every route needs a token of this issuer. */
  jwt?: { issuer: string; audience: string[] };
  cors?: CorsPreflightOptions;
  throttle?: ThrottleSettings;
  /** What is other than usual about the runtime that serves it. */
  runtime?: Partial<LocalRuntimeOptions>;
}

export interface LogLine {
  fn: string;
  line: string;
  requestId: string | undefined;
}

export interface TestStack extends AsyncDisposable {
  runtime: LocalRuntime;
  url: string;
  /** Of the cloud assembly. */
  directory: string;
  /** Every line that the functions have written. */
  log: LogLine[];
  /** Every request that the gateway has answered. */
  access: RequestReport[];
  /** Environments of a function apart from those behind the API, to invoke it without the gateway. */
  pool(name: string, options?: Partial<PoolOptions>): FunctionPool;
}

/** Synthesises functions, by name, and an API in a temporary folder, which is removed on disposal. */
export async function synthesise(
  functions: Record<string, TestFunction>,
  { cors, throttle, jwt }: TestApi = {},
): Promise<AsyncDisposable & { directory: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'local-runtime-test-'));
  const source = join(folder, 'source');
  await mkdir(source);
  for (const [name, { code }] of Object.entries(functions)) {
    const module = typeof code === 'string' ? code : `export const handler = ${code};\n`;
    await writeFile(join(source, `${name}.mjs`), module);
  }

  const app = new App({
    outdir: join(folder, 'cdk.out'),
    analyticsReporting: false,
    builtinCloudFormationValidation: false,
  });
  const stack = new Stack(app, 'Test');
  const httpApi = new HttpApi(stack, 'Api', { createDefaultStage: false, ...(cors && { corsPreflight: cors }) });
  new HttpStage(stack, 'Stage', { httpApi, stageName: '$default', autoDeploy: true, ...(throttle && { throttle }) });
  const authorizer = jwt && new HttpJwtAuthorizer('Jwt', jwt.issuer, { jwtAudience: jwt.audience });
  for (const [
    name,
    { handler, route = `GET /${name}`, integrationTimeout, options, hasQueues, live, scopes },
  ] of Object.entries(functions)) {
    const queue = (use: string) =>
      new SqsDestination(new Queue(stack, `${name}-${use}`, { queueName: `${name}-${use}` }));
    const queues = (prefix = '') => ({ onSuccess: queue(`${prefix}results`), onFailure: queue(`${prefix}failures`) });
    const fn = new LambdaFunction(stack, name, {
      functionName: name,
      runtime: Runtime.NODEJS_24_X,
      code: Code.fromAsset(source),
      handler: handler ?? `${name}.handler`,
      memorySize: 256,
      timeout: Duration.seconds(20),
      ...(hasQueues && queues()),
      ...options,
    });
    const alias =
      live &&
      new Alias(stack, `${name}-live`, {
        aliasName: 'live',
        version: fn.currentVersion,
        ...live,
        ...(live.hasQueues && queues('live-')),
      });
    const [method, path = ''] = route.split(' ');
    httpApi.addRoutes({
      path,
      methods: Object.values(HttpMethod).filter((known) => known === method),
      integration: new HttpLambdaIntegration(`${name}-integration`, alias ?? fn, {
        ...(integrationTimeout && { timeout: integrationTimeout }),
      }),
      ...(authorizer && { authorizer, authorizationScopes: scopes ?? [] }),
    });
  }
  const { directory } = app.synth();
  return { directory, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** Synthesises functions, by name, and serves them on any free port, until it is disposed of. */
export async function serve(functions: Record<string, TestFunction>, api: TestApi = {}): Promise<TestStack> {
  const assembly = await synthesise(functions, api);
  const log: LogLine[] = [];
  const access: RequestReport[] = [];
  const report = (event: LocalRuntimeEvent) => {
    if (event.event === 'log') log.push({ fn: event.function, line: event.line, requestId: event.requestId });
    if (event.event === 'request') access.push(event);
  };
  const defaults: PoolOptions = { maxEnvironments: 4, report };
  const runtime = await LocalRuntime.start(assembly.directory, {
    ...defaults,
    port: 0,
    ...api.runtime,
    report: (event) => {
      report(event);
      api.runtime?.report?.(event);
    },
  });
  const pools: FunctionPool[] = [];
  return {
    runtime,
    url: runtime.url,
    directory: assembly.directory,
    log,
    access,
    pool(name, options) {
      const fn = runtime.assembly.functions.find((served) => served.name === name);
      if (!fn) throw new Error(`The test stack has no function ${name}.`);
      const pool = new FunctionPool(fn, { ...defaults, ...options });
      pools.push(pool);
      return pool;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([runtime.stop(), ...pools.map((pool) => pool.stop())]);
      await assembly[Symbol.asyncDispose]();
    },
  };
}

/** An invocation of a function without a qualifier. */
export function invocationOf(fn: FunctionModel, event: object): Invocation {
  return {
    target: {
      function: fn,
      qualifier: undefined,
      name: fn.name,
      arn: functionArn(fn),
      version: latest,
      asynchronous: { maxRetries: 0, maxAgeMs: 0 },
    },
    requestId: crypto.randomUUID(),
    payload: JSON.stringify(event),
  };
}

/** What a function, invoked without a qualifier, returned, or the error that Lambda reports in its place. */
export async function invoke(pool: FunctionPool, event: object = {}) {
  const invocation = invocationOf(pool.fn, event);
  const { payload, ...result } = await pool.invoke(invocation);
  return { requestId: invocation.requestId, ...result, payload: JSON.parse(payload.toString()) };
}

/** Whether there is a process of this id. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
