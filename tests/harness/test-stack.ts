/** A stack of small functions, each behind a route, that the local runtime serves to a test. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { functionArn, latest } from '../../infra/local/aws/arn.ts';
import type { FunctionModel } from '../../infra/local/cloud-assembly/stack-model.ts';
import type { RequestReport } from '../../infra/local/http-api/http-record.ts';
import type { PoolOptions } from '../../infra/local/lambda/environment-pool.ts';
import { FunctionPool } from '../../infra/local/lambda/function-pool.ts';
import type { Invocation } from '../../infra/local/lambda/invocation.ts';
import { LocalRuntime } from '../../infra/local/local-runtime.ts';
import type { LocalRuntimeOptions } from '../../infra/local/local-runtime-options.ts';
import type { LocalRuntimeEvent } from '../../infra/local/runtime-event.ts';
import type { TimeSpan } from './duration.ts';
import { requestSynthesis } from './synthesis/request-synthesis.ts';
import type { ApiDescription, FunctionDescription, QueueDescription } from './synthesis/synthesis-request.ts';

export type Handler = (event: APIGatewayProxyEventV2, context: Context) => unknown;

/** How Lambda treats asynchronous invocations. */
export interface EventOptions {
  maxEventAge?: TimeSpan;
  retryAttempts?: number;
}

/** Properties of a function, by the names of the CDK's FunctionOptions. */
export interface TestFunctionOptions extends EventOptions {
  /** @default 20 s */
  timeout?: TimeSpan;
  /** In MB. @default 256 */
  memorySize?: number;
  environment?: Record<string, string>;
  /** `Text` or `JSON`. */
  loggingFormat?: string;
  /** `DEBUG`, `INFO`... */
  applicationLogLevelV2?: string;
  reservedConcurrentExecutions?: number;
}

/** By the names of the CDK's CorsPreflightOptions. */
export interface TestCors {
  allowOrigins?: string[];
  allowMethods?: string[];
  allowHeaders?: string[];
  exposeHeaders?: string[];
  allowCredentials?: boolean;
  maxAge?: TimeSpan;
}

export interface TestFunction {
  /**
   * The handler, or the source of a module that exports one as `handler`. Of a handler it is the
   * source that is deployed: it can refer to nothing outside of itself but Node's globals.
   */
  code: Handler | string;
  /** @default `handler` of the file that `code` is written to */
  handler?: string;
  /** @default `GET /<name>` */
  route?: `${'ANY' | 'DELETE' | 'GET' | 'HEAD' | 'OPTIONS' | 'PATCH' | 'POST' | 'PUT'} /${string}` | '$default';
  /** @default that of API Gateway, 30 s */
  integrationTimeout?: TimeSpan;
  options?: TestFunctionOptions;
  /** Queues for the results and the failures of asynchronous invocations: `<name>-results`, `<name>-failures`. */
  hasQueues?: boolean;
  /**
   * Publishes a version, and an alias `live` of it that the route invokes. Its queues are
   * `<name>-live-results` and `<name>-live-failures`.
   */
  live?: EventOptions & { hasQueues?: boolean };
  /** A queue `<name>-queue` whose messages it gets, with a dead-letter queue `<name>-dead-letters`. */
  queue?: QueueDescription;
  /** A token must have one of these, if the API requires tokens. */
  scopes?: string[];
}

export interface TestApi {
  /** Every route needs a token of this issuer. */
  jwt?: { issuer: string; audience: string[] };
  cors?: TestCors;
  throttle?: { rateLimit: number; burstLimit: number };
  /** Overrides options of the runtime that serves it. */
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

  const directory = join(folder, 'cdk.out');
  await requestSynthesis({
    stack: 'test',
    directory,
    source,
    functions: Object.fromEntries(Object.entries(functions).map(([name, fn]) => [name, describe(name, fn)])),
    api: { jwt, throttle, cors: cors && corsOf(cors) },
  });
  return { directory, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

function describe(
  name: string,
  { handler = `${name}.handler`, route = `GET /${name}`, integrationTimeout, options = {}, ...others }: TestFunction,
): FunctionDescription {
  const { timeout, ...properties } = options;
  const { hasQueues = false, live, scopes = [], queue } = others;
  return {
    handler,
    route,
    integrationTimeoutMs: integrationTimeout?.toMilliseconds(),
    options: { ...eventOptions(properties), timeoutMs: timeout?.toMilliseconds() },
    hasQueues,
    live: live && eventOptions(live),
    queue,
    scopes,
  };
}

function eventOptions<Options extends EventOptions>({ maxEventAge, ...others }: Options) {
  return { ...others, maxEventAgeMs: maxEventAge?.toMilliseconds() };
}

function corsOf({ maxAge, ...others }: TestCors): ApiDescription['cors'] {
  return { ...others, maxAgeMs: maxAge?.toMilliseconds() };
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
