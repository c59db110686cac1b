import type { Invocation, InvocationResult } from '../lambda/invocation.ts';
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

/** A queue cannot be written. Its records stay in memory until it can. */
export interface QueueReport {
  event: 'queue-unwritable';
  queue: string;
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

/** An asynchronous event in full, when it is queued: once accepted, or resumed from the journal. */
export interface QueuedRecord {
  record: 'queued';
  invocation: Omit<Invocation, 'payload'>;
  /** Undefined where only the journal has it. */
  payload: string | undefined;
  /** How often the function was invoked with it. */
  attempts: number;
}

/** An attempt of an asynchronous event in full. Comes before the report of what follows from it. */
export interface AttemptRecord {
  record: 'attempt';
  invocation: Invocation;
  /** From the dispatch of the invocation to its result. */
  milliseconds: number;
  /** Undefined where the invocation was throttled: it does not count as an attempt. */
  result: InvocationResult | undefined;
}
