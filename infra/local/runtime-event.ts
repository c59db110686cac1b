import type {
  AttemptRecord,
  EventEndReport,
  JournalFailureReport,
  JournalReport,
  QueuedRecord,
  QueueReport,
  RetryReport,
} from './async/event-reports.ts';
import type { AwsCallReport } from './aws-endpoint/aws-endpoint.ts';
import type { BatchRecord, BatchReport, PollFailureReport } from './event-sources/event-source-mapping.ts';
import type { HttpRecord, LateRecord, LateReport, RequestReport } from './http-api/http-record.ts';
import type { LogReport } from './lambda/environment-pool.ts';
import type { InvokeRecord, InvokeReport } from './lambda-api/invoke-record.ts';
import type { QueueStorageReport } from './queues/queue-service.ts';

/** Anything that happens while the runtime serves. */
export type LocalRuntimeEvent =
  | RequestReport
  | LateReport
  | InvokeReport
  | AwsCallReport
  | BatchReport
  | PollFailureReport
  | QueueStorageReport
  | LogReport
  | RetryReport
  | EventEndReport
  | QueueReport
  | JournalReport
  | JournalFailureReport;

/** What was sent and received, in full: messages are personal data. */
export type RuntimeRecord = HttpRecord | LateRecord | InvokeRecord | QueuedRecord | AttemptRecord | BatchRecord;
