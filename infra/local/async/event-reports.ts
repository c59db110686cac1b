import type { DestinationCondition } from './destination-record.ts';

/** A failed asynchronous event that will be retried. */
export interface RetryReport {
  event: 'event-failed';
  function: string;
  requestId: string;
  /** How often the function was invoked with it. */
  attempts: number;
  error: string;
  /** The time until the next attempt. */
  delayMs: number;
}

/** An asynchronous event that has ended. */
export interface EventEndReport {
  event: 'event-ended';
  function: string;
  requestId: string;
  condition: DestinationCondition;
  /** How often the function was invoked with it. */
  attempts: number;
  /** The queue that got its record; undefined if the template has none for it. */
  queue: string | undefined;
}

/** A queue file cannot be written. Its records stay in memory until it can. */
export interface QueueReport {
  event: 'queue-unwritable';
  path: string;
  message: string;
}

/** The journal cannot be written, or an unreadable one was set aside. */
export interface JournalFailureReport {
  event: 'journal-failed';
  path: string;
  message: string;
}

/** Asynchronous events are in the journal: those of the last run, which are resumed, or those that the next run resumes. */
export interface JournalReport {
  event: 'events-resumed' | 'events-kept';
  events: number;
  path: string;
}
