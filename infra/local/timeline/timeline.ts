import type { AttemptRecord, EventEndReport, QueuedRecord, RetryReport } from '../async/event-reports.ts';
import type { FunctionModel } from '../cloud-assembly/stack-model.ts';
import type { BatchRecord } from '../event-sources/event-source-mapping.ts';
import type { HttpRecord } from '../http-api/http-record.ts';
import { failureOf } from '../lambda/function-error.ts';
import type { InvokeRecord } from '../lambda-api/invoke-record.ts';
import type { LocalRuntimeEvent, RuntimeRecord } from '../runtime-event.ts';
import { BoundedEntries, type Bounds, defaultEntries } from './bounded-entries.ts';
import { type Entry, type EventEntry, keepResult } from './entry.ts';
import { addLine, InvocationLogs } from './invocation-logs.ts';
import { BodyRing, type KeptBody, keepBody } from './kept-body.ts';

export interface TimelineOptions extends Bounds {
  /** Returns a line of a function with places in the sources. @default as it is */
  translate?(line: string, fn: FunctionModel): string;
}

/** Attempts of an event that are kept: throttled ones have no limit. */
const mostTries = 10;

/**
 * The last requests, invocations and asynchronous events, in memory only: messages are personal data. It keeps
 * references, and turns nothing into text until somebody reads it.
 */
export class Timeline {
  readonly translate: (line: string, fn: FunctionModel) => string;
  private readonly entries: BoundedEntries;
  /** Of requests and calls only: an event may have more attempts than there is room for. */
  private readonly keepSmall: (body: Buffer | string) => KeptBody;
  private readonly logs = new InvocationLogs();
  private readonly listeners = new Set<() => void>();
  /** Larger than any of an earlier run: a reader that goes on after a restart gets every entry of this run. */
  private lastChange = Date.now() * 1000;

  constructor({ translate = (line) => line, ...bounds }: TimelineOptions = {}) {
    this.translate = translate;
    this.entries = new BoundedEntries(bounds);
    const ring = new BodyRing(bounds.entries ?? defaultEntries);
    this.keepSmall = (body) => ring.keep(body);
  }

  /** Receives what happens in the runtime. */
  readonly report = (event: LocalRuntimeEvent): void => {
    if (event.event === 'log') this.addLine(event.requestId, event.line);
    else if (event.event === 'event-failed' || event.event === 'event-ended') this.onEvent(event);
    else if (event.event === 'late') {
      const entry = this.entries.find(event.requestId);
      if (entry?.kind !== 'http') return;
      entry.late = { milliseconds: event.milliseconds, error: event.error };
      this.changed(entry);
    }
  };

  /** Receives what was sent and received. */
  readonly record = (record: RuntimeRecord): void => {
    switch (record.record) {
      case 'http':
        this.addRequest(record);
        break;
      case 'invoke':
        this.addCall(record);
        break;
      case 'batch':
        this.addBatch(record);
        break;
      case 'queued':
        this.addEvent(record);
        break;
      case 'attempt':
        this.addAttempt(record);
        break;
      case 'late': {
        const entry = this.entries.find(record.requestId);
        if (!entry) return;
        entry.result = keepResult(record.result);
        this.changed(entry);
      }
    }
  };

  /**
   * Returns the entries that are new or changed, from the oldest to the newest.
   * @param cursor `next` of an earlier call @default all entries
   */
  after(cursor = 0): { entries: Entry[]; first: number; next: number } {
    const next = this.lastChange;
    // The clock was set back since an earlier run.
    const since = cursor > next ? 0 : cursor;
    const entries = this.entries.all.filter(({ change }) => change > since);
    return { entries, first: this.entries.all[0]?.number ?? next + 1, next };
  }

  /** Returns whether anything has changed since a cursor. */
  hasChangedSince(cursor: number): boolean {
    return this.lastChange > cursor;
  }

  /** @param id that of the entry or the request id of its invocation */
  find(id: string): Entry | undefined {
    return this.entries.find(id);
  }

  /** Marks an entry as a repetition of another. */
  markReplay(id: string, replayOf: string): void {
    const entry = this.entries.find(id);
    if (!entry) return;
    entry.replayOf = replayOf;
    this.changed(entry);
  }

  /** Calls a listener after each change. @returns what ends that */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private addRequest({ report, gatewayRequestId, url, rawHeaders, response, invocation, result }: HttpRecord): void {
    const { status, headers, body } = response;
    const requestId = invocation?.requestId;
    this.add({
      kind: 'http',
      ...this.newEntry(gatewayRequestId, report.milliseconds),
      requestId,
      target: invocation?.target,
      clientContext: undefined,
      payload: invocation && this.keepSmall(invocation.payload),
      result: result && keepResult(result, this.keepSmall),
      log: this.logs.take(requestId),
      report,
      url,
      rawHeaders,
      response: { status, headers, body: this.keepSmall(body) },
    });
  }

  private addCall({ report, response, invocation, result }: InvokeRecord): void {
    // An event that was accepted has its entry, unless many have come since.
    if (report.operation === 'Event' && report.status === 202) return;
    const { status, headers = {}, body = '' } = response;
    const { requestId } = report;
    this.add({
      kind: 'invoke',
      ...this.newEntry(requestId, report.milliseconds),
      requestId,
      target: invocation?.target,
      clientContext: invocation?.clientContext,
      payload: invocation && this.keepSmall(invocation.payload),
      result: result && keepResult(result, this.keepSmall),
      log: this.logs.take(requestId),
      report,
      response: { status, headers: Object.entries(headers), body: this.keepSmall(body) },
    });
  }

  private addBatch({ report, invocation, result }: BatchRecord): void {
    const { requestId, target, payload } = invocation;
    this.add({
      kind: 'batch',
      ...this.newEntry(requestId, report.milliseconds),
      requestId,
      target,
      clientContext: undefined,
      payload: this.keepSmall(payload),
      result: keepResult(result, this.keepSmall),
      log: this.logs.take(requestId),
      report,
    });
  }

  private addEvent({ invocation, payload, attempts }: Omit<QueuedRecord, 'record'>): EventEntry {
    const { requestId, target, clientContext } = invocation;
    const entry: EventEntry = {
      kind: 'event',
      ...this.newEntry(requestId, 0),
      requestId,
      target,
      clientContext,
      payload: payload === undefined ? undefined : keepBody(payload),
      result: undefined,
      log: this.logs.take(requestId),
      function: target.name,
      state: 'queued',
      attempts,
      tries: [],
      error: undefined,
      delayMs: undefined,
      queue: undefined,
    };
    this.add(entry);
    return entry;
  }

  private addAttempt({ invocation, milliseconds, result }: AttemptRecord): void {
    const known = this.entries.find(invocation.requestId);
    // Many have come since the event was accepted: it comes back as a new entry.
    const payload = String(invocation.payload);
    const entry = known?.kind === 'event' ? known : this.addEvent({ invocation, payload, attempts: 0 });
    entry.payload ??= keepBody(payload);
    const kept = result && keepResult(result);
    const error = result?.failed ? failureOf(result.payload) : undefined;
    entry.tries.push({ at: Date.now() - milliseconds, milliseconds, result: kept, error });
    if (entry.tries.length > mostTries) entry.tries.shift();
    if (kept) {
      entry.attempts++;
      entry.result = kept;
      entry.error = error;
    } else entry.state = 'throttled';
    this.changed(entry);
  }

  private onEvent(event: RetryReport | EventEndReport): void {
    const entry = this.entries.find(event.requestId);
    if (entry?.kind !== 'event') return;
    entry.attempts = event.attempts;
    entry.state = event.event === 'event-failed' ? 'retrying' : event.condition;
    entry.delayMs = event.event === 'event-failed' ? event.delayMs : undefined;
    entry.queue = event.event === 'event-ended' ? event.queue : undefined;
    this.changed(entry);
  }

  private addLine(requestId: string | undefined, line: string): void {
    if (requestId === undefined) return;
    const entry = this.entries.find(requestId);
    if (!entry) this.logs.add(requestId, line);
    else {
      addLine(entry.log, line);
      this.changed(entry);
    }
  }

  private newEntry(id: string, milliseconds: number): Pick<Entry, 'id' | 'at' | 'number' | 'change' | 'bytes'> {
    const number = ++this.lastChange;
    return { id, at: Date.now() - milliseconds, number, change: number, bytes: 0 };
  }

  private add(entry: Entry): void {
    this.entries.add(entry);
    for (const listener of this.listeners) listener();
  }

  private changed(entry: Entry): void {
    entry.change = ++this.lastChange;
    this.entries.measure(entry);
    for (const listener of this.listeners) listener();
  }
}
