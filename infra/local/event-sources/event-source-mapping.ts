import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Message } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse } from 'aws-lambda';
import type { EventSourceMappingModel } from '../cloud-assembly/stack-model.ts';
import { failureOf } from '../lambda/function-error.ts';
import { ThrottledError } from '../lambda/function-pool.ts';
import type { Invocation, InvocationResult } from '../lambda/invocation.ts';
import type { QueueConsumer } from './queue-consumer.ts';
import { failedItems, sqsRecord } from './sqs-batch.ts';

/** A function was invoked with messages of a queue. */
export interface BatchReport {
  event: 'batch';
  function: string;
  queue: string;
  /** The messages of the batch, and how many of them go back to the queue. */
  messages: number;
  failed: number;
  milliseconds: number;
  cold: boolean;
  /** The function error, or what is wrong with the list of failed items. */
  error?: string | undefined;
  requestId: string;
}

/** A batch in full. */
export interface BatchRecord {
  record: 'batch';
  report: BatchReport;
  invocation: Invocation;
  result: InvocationResult;
}

/** A queue cannot be read. */
export interface PollFailureReport {
  event: 'poll-failed';
  queue: string;
  message: string;
}

export interface EventSourceMappingOptions {
  consumer: QueueConsumer;
  /** It polls once this is fulfilled. @default at once */
  started?: Promise<void> | undefined;
  /** @throws {ThrottledError} when the function has as many invocations in flight as its concurrency allows. */
  invoke(invocation: Invocation): Promise<InvocationResult>;
  /** The most invocations that the function may have in flight. */
  concurrency(): number;
  report(event: BatchReport | PollFailureReport): void;
  /** Receives each batch in full. @default nobody does */
  record?: ((record: BatchRecord) => void) | undefined;
}

/** An event of Lambda has at most 6 MB. */
const maxPayloadBytes = 6 * 1024 * 1024;
const longPollSeconds = 20;
/** After throttling or a failed poll. */
const backOff = { firstMs: 250, longestMs: 10_000 };

/**
 * Reads a queue and invokes a function with its messages, as Lambda does (docs: with-sqs, services-sqs-errorhandling). What
 * the function has handled is deleted; everything else becomes visible again after the queue's visibility timeout.
 */
export class EventSourceMapping {
  readonly model: EventSourceMappingModel;
  private readonly options: EventSourceMappingOptions;
  private readonly stopped = new AbortController();
  private readonly running = new Set<Promise<void>>();
  private readonly polling: Promise<void>;

  /** Starts to poll, once the server has started. */
  constructor(model: EventSourceMappingModel, options: EventSourceMappingOptions) {
    this.model = model;
    this.options = options;
    this.polling = this.poll();
  }

  /** Receives no more messages, and waits until those that were received are handled. */
  async stop(): Promise<void> {
    this.stopped.abort();
    await this.polling;
    await Promise.all(this.running);
  }

  private async poll(): Promise<void> {
    const { signal } = this.stopped;
    await Promise.race([this.options.started, new Promise((resolve) => signal.addEventListener('abort', resolve))]);
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.untilFree();
        if (signal.aborted) return;
        const messages = await this.gather();
        failures = 0;
        for (const batch of batches(messages, this.model.batchSize)) this.start(batch);
      } catch (error) {
        if (signal.aborted) return;
        const message = error instanceof Error ? error.message : String(error);
        if (failures === 0) this.options.report({ event: 'poll-failed', queue: this.model.queue.name, message });
        await this.pause(backOff.firstMs * 2 ** failures++);
      }
    }
  }

  private start(batch: Message[]): void {
    const handled = this.handle(batch).finally(() => this.running.delete(handled));
    this.running.add(handled);
  }

  private async untilFree(): Promise<void> {
    const most = Math.max(
      1,
      Math.min(this.model.maxConcurrency ?? Number.POSITIVE_INFINITY, this.options.concurrency()),
    );
    while (this.running.size >= most) await Promise.race(this.running);
  }

  /** Waits for messages, then gathers more until there are enough, or the batching window is over. */
  private async gather(): Promise<Message[]> {
    const { batchSize, windowMs } = this.model;
    const { signal } = this.stopped;
    const messages = await this.options.consumer.receive(batchSize, longPollSeconds, signal);
    const deadline = performance.now() + windowMs;
    while (messages.length > 0 && messages.length < batchSize && !signal.aborted) {
      const secondsLeft = Math.floor((deadline - performance.now()) / 1000);
      if (secondsLeft < 1) break;
      // A window that ends with a stop keeps what it has.
      const wait = Math.min(secondsLeft, longPollSeconds);
      const more = await this.options.consumer.receive(batchSize - messages.length, wait, signal).catch(() => []);
      messages.push(...more);
    }
    return messages;
  }

  private async handle(batch: Message[]): Promise<void> {
    const { target, queue, reportsItemFailures } = this.model;
    const requestId = randomUUID();
    const payload = JSON.stringify({ Records: batch.map((message) => sqsRecord(message, queue.arn)) });
    const started = performance.now();
    const invocation = { target, requestId, payload };
    const result = await this.invoke(invocation);
    if (!result) return;
    const text = result.payload.toString();
    const outcome = result.failed
      ? { failed: batch, error: failureOf(result.payload) }
      : failedItems(reportsItemFailures ? parsed(text) : undefined, batch);
    const report: BatchReport = {
      event: 'batch',
      function: target.name,
      queue: queue.name,
      messages: batch.length,
      failed: outcome.failed.length,
      milliseconds: performance.now() - started,
      cold: result.cold,
      error: outcome.error,
      requestId,
    };
    this.options.record?.({ record: 'batch', report, invocation, result });
    this.options.report(report);
    await this.delete(batch.filter((message) => !outcome.failed.includes(message)));
  }

  /** Returns undefined where the function was throttled until the messages are visible again, or a stop came. */
  private async invoke(invocation: Invocation): Promise<InvocationResult | undefined> {
    const visibleAgain = performance.now() + Number(this.model.queue.attributes['VisibilityTimeout'] ?? 30) * 1000;
    for (let throttles = 0; ; throttles++) {
      try {
        return await this.options.invoke(invocation);
      } catch (error) {
        if (!(error instanceof ThrottledError)) console.error(error);
        await this.pause(backOff.firstMs * 2 ** throttles);
        if (performance.now() >= visibleAgain || this.stopped.signal.aborted) return undefined;
      }
    }
  }

  private async delete(messages: Message[]): Promise<void> {
    try {
      await this.options.consumer.delete(messages);
    } catch (error) {
      // They become visible again, and are handled again.
      const message = `deletes nothing: ${error instanceof Error ? error.message : error}`;
      this.options.report({ event: 'poll-failed', queue: this.model.queue.name, message });
    }
  }

  private async pause(milliseconds: number): Promise<void> {
    const { signal } = this.stopped;
    await delay(Math.min(milliseconds, backOff.longestMs), undefined, { signal }).catch(() => {});
  }
}

/** Returns the messages in batches that fit into an event. */
function batches(messages: Message[], batchSize: number): Message[][] {
  const all: Message[][] = [];
  let batch: Message[] = [];
  let bytes = 0;
  for (const message of messages) {
    // In JSON, a character of a body may take two bytes, and its attributes a kilobyte.
    const size = 2 * Buffer.byteLength(message.Body ?? '') + 2048;
    if (batch.length > 0 && (batch.length >= batchSize || bytes + size > maxPayloadBytes)) {
      all.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(message);
    bytes += size;
  }
  return batch.length > 0 ? [...all, batch] : all;
}

function parsed(json: string): SQSBatchResponse | null | string {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}
