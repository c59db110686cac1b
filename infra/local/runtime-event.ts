import type {
  AttemptRecord,
  EventEndReport,
  JournalFailureReport,
  JournalReport,
  QueuedRecord,
  QueueReport,
  RetryReport,
} from './async/event-reports.ts';
import type { HttpRecord, LateRecord, LateReport, RequestReport } from './http-api/http-record.ts';
import type { LogReport } from './lambda/environment-pool.ts';
import type { InvokeRecord, InvokeReport } from './lambda-api/invoke-record.ts';

/** Anything that happens while the runtime serves. */
export type LocalRuntimeEvent =
  | RequestReport
  | LateReport
  | InvokeReport
  | LogReport
  | RetryReport
  | EventEndReport
  | QueueReport
  | JournalReport
  | JournalFailureReport;

/** What was sent and received, in full: messages are personal data. */
export type RuntimeRecord = HttpRecord | LateRecord | InvokeRecord | QueuedRecord | AttemptRecord;
