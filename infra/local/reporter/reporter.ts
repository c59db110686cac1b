import type { EventEnd, EventFailure } from '../async/event-queue.ts';
import type { AccessRecord, LateRecord } from '../http-api/gateway.ts';
import type { InvokeRecord } from '../lambda-api/lambda-api.ts';
import type { BuildError, Change } from '../watch/build-error.ts';
import type { StartupSummary } from './startup-summary.ts';

/** What `npm start` tells while it runs, to a person or to a program. */
export interface Reporter {
  /** It serves. @param milliseconds how long that took */
  ready(description: StartupSummary, milliseconds: number): void;
  /** The API has answered a request. */
  request(record: AccessRecord): void;
  /** An invocation has ended after its request had been answered without it. */
  late(record: LateRecord): void;
  /** The Lambda API has answered a call. */
  invocation(record: InvokeRecord): void;
  /** A function wrote a line; outside of an invocation there is no request id. */
  line(functionName: string, line: string, requestId: string | undefined): void;
  /** An asynchronous event failed, and will be tried again. */
  eventFailed(failure: EventFailure): void;
  /** An asynchronous event has come to its end. */
  eventEnded(end: EventEnd): void;
  /** What was edited is in service. */
  changed(change: Change): void;
  /** What was edited cannot be served, and what was served goes on. */
  refused(files: string[], fault: BuildError): void;
  /** It was told to stop. */
  stopping(reason: string): void;
  stopped(): void;
}
