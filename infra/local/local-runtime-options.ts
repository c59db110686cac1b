import type { Clock } from './async/clock.ts';
import type { Journal } from './async/journal.ts';
import type { PoolOptions } from './lambda/environment-pool.ts';
import type { InspectOptions } from './lambda/inspectable.ts';
import type { LocalRuntimeEvent, RuntimeRecord } from './runtime-event.ts';

export interface LocalRuntimeOptions extends Omit<PoolOptions, 'report' | 'endpoints'> {
  report(event: LocalRuntimeEvent): void;
  /** Receives what was sent and received, in full. @default nobody does */
  record?: ((record: RuntimeRecord) => void) | undefined;
  /** The port of the API on 127.0.0.1; 0 for any free port. */
  port: number;
  /** The port of the AWS endpoint on 127.0.0.1: Lambda, SQS, SNS and EventBridge. @default 0, for any free port */
  lambdaPort?: number;
  /** How long a client may take to send a request to the API. @default five minutes */
  requestTimeoutMs?: number | undefined;
  /** The most bytes of bodies that each server holds at a time. @default 256 MB */
  bodyBytes?: number | undefined;
  /** The folder with a file for each queue of the template. @default `queues` in the assembly's folder */
  queueDirectory?: string;
  /** Keeps asynchronous events over a stop. @default none: a stop records those that have not ended */
  journal?: Journal | undefined;
  /** The time until the first retry of a failed asynchronous event. @default a minute, as on Lambda */
  retryDelayMs?: number;
  /** Whether the Lambda API accepts an ARN of any region and account. @default false, as on AWS */
  anyRegion?: boolean | undefined;
  /** Another endpoint of SQS for the event source mappings and functions. @default that of this machine */
  sqsEndpoint?: string | undefined;
  /** Queues are read once it is fulfilled. @default at once */
  started?: Promise<void> | undefined;
  /** Gives each function an inspector, and suspends timeouts and memory limits. @default none */
  inspect?: InspectOptions | undefined;
  /** Times the retries of asynchronous events. @default the system's clock */
  clock?: Clock;
}
