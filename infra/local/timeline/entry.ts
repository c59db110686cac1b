import type { DestinationCondition } from '../async/destination-record.ts';
import type { InvokeTarget } from '../cloud-assembly/stack-model.ts';
import type { BatchReport } from '../event-sources/event-source-mapping.ts';
import type { RequestReport } from '../http-api/http-record.ts';
import type { InvocationResult } from '../lambda/invocation.ts';
import type { InvokeReport } from '../lambda-api/invoke-record.ts';
import { type KeptBody, keepBody } from './kept-body.ts';

/** What all entries of the timeline have. Bodies and headers are references to what the runtime had in memory. */
interface CommonEntry {
  /** In the order of creation. Grows over restarts of the runtime. */
  number: number;
  /** The number of its last change. */
  change: number;
  /** Of an HTTP request the header `apigw-requestid` of its response, else the request id of the invocation. */
  id: string;
  /** The request id of the invocation: that of the log. */
  requestId: string | undefined;
  /** In milliseconds since 1970. */
  at: number;
  /** About how many bytes of memory it takes, as they were counted last. */
  bytes: number;
  target: InvokeTarget | undefined;
  /** JSON. */
  clientContext: string | undefined;
  /** The event as the function got it; undefined where no function was invoked. */
  payload: KeptBody | undefined;
  /** Of the last attempt. */
  result: KeptResult | undefined;
  log: LogLines;
  /** The entry that this one repeats. */
  replayOf?: string;
}

export interface HttpEntry extends CommonEntry {
  kind: 'http';
  report: RequestReport;
  url: string;
  rawHeaders: string[];
  response: { status: number; headers: [name: string, value: string][]; body: KeptBody };
  /** The end of an invocation whose client already had its 503. */
  late?: { milliseconds: number; error: string | undefined };
}

export interface InvokeEntry extends CommonEntry {
  kind: 'invoke';
  report: InvokeReport;
  response: { status: number; headers: [name: string, value: string][]; body: KeptBody };
}

export interface EventEntry extends CommonEntry {
  kind: 'event';
  function: string;
  state: 'queued' | 'throttled' | 'retrying' | DestinationCondition;
  /** How often the function was invoked with it. */
  attempts: number;
  /** The last few attempts, throttled ones too. */
  tries: Attempt[];
  error: string | undefined;
  /** The time until the next attempt, while it is retrying. */
  delayMs: number | undefined;
  /** The queue that got its record. */
  queue: string | undefined;
}

/** Messages of a queue that a function was invoked with. */
export interface BatchEntry extends CommonEntry {
  kind: 'batch';
  report: BatchReport;
}

export type Entry = HttpEntry | InvokeEntry | EventEntry | BatchEntry;

export interface Attempt {
  at: number;
  milliseconds: number;
  /** Undefined where the invocation was throttled. */
  result: KeptResult | undefined;
  error: string | undefined;
}

export interface KeptResult {
  failed: boolean;
  cold: boolean;
  payload: KeptBody;
}

/** The lines that a function wrote during an invocation. */
export interface LogLines {
  lines: string[];
  /** The UTF-16 units in them. */
  length: number;
  /** How many more lines there were. */
  omitted: number;
}

/** Keeps a result. @param keep keeps its payload */
export function keepResult({ failed, cold, payload }: InvocationResult, keep = keepBody): KeptResult {
  return { failed, cold, payload: keep(payload) };
}
