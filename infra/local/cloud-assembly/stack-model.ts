/** A stack as this runtime sees it: what affects a request, in plain values. */
import type { LogLevel } from './resource-schemas.ts';

/** A cloud assembly. */
export interface Assembly {
  stackName: string;
  api: ApiModel;
  functions: FunctionModel[];
  /** Everything that can be invoked, by ARN. */
  targets: ReadonlyMap<string, InvokeTarget>;
  /** The types of resource that do not affect a request, each once. */
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
  target: InvokeTarget;
  /** The integration timeout. */
  timeoutMs: number;
  throttle: Throttle;
  /** What a request must prove; undefined on a public route. */
  authorization: Authorization | undefined;
}

/** The token that a route requires (docs: http-api-jwt-authorizer). */
export interface Authorization {
  authorizer: AuthorizerModel;
  /** The token must have one of these; an empty list requires none. */
  scopes: string[];
}

export interface AuthorizerModel {
  /** The `iss` of a token, and the URL of its OpenID configuration. */
  issuer: string;
  /** The `aud` of a token must have one of these. */
  audiences: string[];
}

/** A token bucket: `burst` requests at once, `rate` requests a second on average. */
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

/** A function. Its published version has the same code and configuration, as both come from one template. */
export interface FunctionModel {
  name: string;
  /** `file.export`. */
  handler: string;
  /** The folder of the bundled asset. */
  directory: string;
  /** The inspector of its process, where there is one: nothing limits its time and its memory then. */
  inspector?: { port: number; waits: boolean };
  /** The entry file of the bundle, where known. */
  entry: string | undefined;
  memoryMb: number;
  timeoutMs: number;
  /** The variables of the template, without those that Lambda adds. */
  environment: Record<string, string>;
  logFormat: 'JSON' | 'Text';
  /** The lowest level of the function's own lines. Only JSON logging has levels. */
  logLevel: LogLevel;
  logGroup: string;
  /** The reserved concurrency, where the template sets one. */
  reservedConcurrency?: number | undefined;
}

/**
 * What a caller can invoke: a function, or a version or an alias of it (docs: configuration-versions,
 * configuration-aliases). The function itself is its version `$LATEST`.
 */
export interface InvokeTarget {
  function: FunctionModel;
  /** A version or an alias; undefined for the function itself. */
  qualifier: string | undefined;
  /** Such as `feeling` or `feeling:live`. */
  name: string;
  /** With the qualifier, where there is one. */
  arn: string;
  /** The version that runs. Each version has execution environments of its own. */
  version: string;
  asynchronous: AsynchronousConfiguration;
}

/** How asynchronous invocations are retried and recorded (docs: invocation-async). Each version and alias has its own. */
export interface AsynchronousConfiguration {
  /** Retries after a function error. */
  maxRetries: number;
  /** The maximum event age. */
  maxAgeMs: number;
  /** The name of the queue for failed events. */
  onFailure?: string | undefined;
  /** The name of the queue for results. */
  onSuccess?: string | undefined;
}
