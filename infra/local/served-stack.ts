/** A stack as this runtime sees it: what a request meets, in plain values. */
import type { LogLevel } from './served-resources.ts';

/** A cloud assembly. */
export interface Assembly {
  stackName: string;
  api: ServedApi;
  functions: ServedFunction[];
  /** The types of resource that concern no request, each once. */
  passedOver: string[];
}

export interface ServedApi {
  id: string;
  stage: string;
  /** By route key, such as `POST /feeling`. */
  routes: ReadonlyMap<string, ServedRoute>;
  cors?: Cors | undefined;
}

export interface ServedRoute {
  key: string;
  function: ServedFunction;
  /** How long the gateway waits for the function. */
  timeoutMs: number;
  throttle: Throttle;
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

export interface ServedFunction {
  logicalId: string;
  name: string;
  arn: string;
  /** `file.export`, as the runtime client takes it. */
  handler: string;
  /** The folder of the bundled asset. */
  directory: string;
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
  asynchronous: AsynchronousConfiguration;
}

/** What becomes of asynchronous invocations (docs: invocation-async). */
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
