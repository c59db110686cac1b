/** A stack as this runtime sees it: what a request meets, in plain values. */
import type { LogLevel } from './resource-schemas.ts';

/** A cloud assembly. */
export interface Assembly {
  stackName: string;
  api: ApiModel;
  functions: FunctionModel[];
  /** All that can be invoked, by ARN. */
  targets: ReadonlyMap<string, InvokeTarget>;
  /** The types of resource that concern no request, each once. */
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
  /** What it invokes. */
  target: InvokeTarget;
  /** How long the gateway waits for the function. */
  timeoutMs: number;
  throttle: Throttle;
  /** What a request needs to get through; undefined where anybody may call. */
  authorization: Authorization | undefined;
}

/** That a request has a token, and what the token is to be like (docs: http-api-jwt-authorizer). */
export interface Authorization {
  authorizer: AuthorizerModel;
  /** Of which the token is to have one; of none, it needs none. */
  scopes: string[];
}

export interface AuthorizerModel {
  /** The `iss` of a token, and where its keys are found. */
  issuer: string;
  /** Of which the `aud` of a token is to have one. */
  audiences: string[];
}

/** A token bucket: `burst` requests at once, `rate` requests a second in the long run. */
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

/** A function. Its published version has the same code and configuration: it is of the same template. */
export interface FunctionModel {
  name: string;
  /** `file.export`, as the runtime client takes it. */
  handler: string;
  /** The folder of the bundled asset. */
  directory: string;
  /** The file that it is bundled from, where the assembly tells. */
  entry: string | undefined;
  memoryMb: number;
  timeoutMs: number;
  /** The variables that the template sets; those that Lambda adds are not among them. */
  environment: Record<string, string>;
  logFormat: 'JSON' | 'Text';
  /** Lowest level of the function's own lines; only JSON logging has levels. */
  logLevel: LogLevel;
  logGroup: string;
  /** Invocations at a time, where the template reserves concurrency. */
  reservedConcurrency?: number | undefined;
}

/**
 * What a caller names and a permission is for: a function, or a version or an alias of it (docs:
 * configuration-versions, configuration-aliases). The function itself is its version `$LATEST`.
 */
export interface InvokeTarget {
  function: FunctionModel;
  /** A version or an alias; undefined for the function itself. */
  qualifier: string | undefined;
  /** Such as `feeling` or `feeling:live`. */
  name: string;
  /** As the caller names it: with the qualifier where there is one. */
  arn: string;
  /** Which version works on what is invoked so. Each has execution environments of its own. */
  version: string;
  asynchronous: AsynchronousConfiguration;
}

/** What becomes of asynchronous invocations (docs: invocation-async). Each version and alias has its own. */
export interface AsynchronousConfiguration {
  /** How often an event is tried again after a function error. */
  maxRetries: number;
  /** How long an event is kept. */
  maxAgeMs: number;
  /** The name of the queue for events that are given up. */
  onFailure?: string | undefined;
  /** The name of the queue for results. */
  onSuccess?: string | undefined;
}
