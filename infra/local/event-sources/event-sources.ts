import { randomUUID } from 'node:crypto';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from '../async/clock.ts';
import { region } from '../aws/arn.ts';
import type { EventSourceMappingModel, InvokeTarget, SourceModels } from '../cloud-assembly/stack-model.ts';
import type { QueueService } from '../queues/queue-service.ts';
import { EventBuses } from './event-buses.ts';
import { EventSourceMapping, type EventSourceMappingOptions } from './event-source-mapping.ts';
import { LocalConsumer } from './local-consumer.ts';
import type { QueueConsumer } from './queue-consumer.ts';
import { Schedules } from './schedules.ts';
import { SdkConsumer } from './sdk-consumer.ts';

export interface EventSourcesOptions
  extends Pick<EventSourceMappingOptions, 'invoke' | 'report' | 'record' | 'started'> {
  queues: QueueService;
  clock: Clock;
  /** The most invocations that a function may have in flight. */
  concurrency(target: InvokeTarget): number;
  /** Another endpoint of SQS: an emulator, or AWS. @default this machine's */
  sqsEndpoint?: string | undefined;
}

/** What brings events to functions besides HTTP and Invoke: queues, topics, event buses and schedules. */
export class EventSources {
  readonly buses: EventBuses;
  private readonly options: EventSourcesOptions;
  private readonly schedules: Schedules;
  private readonly mappings = new Map<string, EventSourceMapping>();
  private readonly removed = new Set<Promise<void>>();
  private client: Promise<SQSClient> | undefined;

  constructor(options: EventSourcesOptions) {
    this.options = options;
    const send = (queue: string, body: string) => options.queues.add(queue, [{ id: randomUUID(), body }]);
    this.buses = new EventBuses({ send });
    this.schedules = new Schedules({ clock: options.clock, send });
  }

  /**
   * Follows these sources from now on. Mappings that are the same go on.
   * @throws {ScheduleError} for a schedule that cannot be understood.
   */
  async replace({ queues, topics, mappings, buses, schedules }: SourceModels): Promise<void> {
    this.buses.models = buses;
    await this.options.queues.configure(queues, topics);
    await this.schedules.replace(schedules);
    const wanted = new Map(mappings.map((model) => [keyOf(model), model]));
    for (const [key, mapping] of this.mappings) {
      if (wanted.has(key)) continue;
      this.mappings.delete(key);
      const stopped = mapping.stop().finally(() => this.removed.delete(stopped));
      this.removed.add(stopped);
    }
    for (const [key, model] of wanted) {
      if (!this.mappings.has(key)) this.mappings.set(key, this.start(model));
    }
  }

  /** Ends the schedules and the polls, and waits for the batches in flight. */
  async stop(): Promise<void> {
    this.schedules.stop();
    await Promise.all([...this.removed, ...[...this.mappings.values()].map((mapping) => mapping.stop())]);
    (await this.client)?.destroy();
  }

  private start(model: EventSourceMappingModel): EventSourceMapping {
    const { invoke, report, record, concurrency, started } = this.options;
    return new EventSourceMapping(model, {
      invoke,
      report,
      record,
      started,
      consumer: this.consumerOf(model.queue.name),
      concurrency: () => concurrency(model.target),
    });
  }

  private consumerOf(queue: string): QueueConsumer {
    const { queues, sqsEndpoint } = this.options;
    if (sqsEndpoint === undefined) return new LocalConsumer(queue, queues);
    return new SdkConsumer(queue, () => {
      this.client ??= this.createClient(sqsEndpoint);
      return this.client;
    });
  }

  private async createClient(endpoint: string): Promise<SQSClient> {
    const { SQSClient } = await import('@aws-sdk/client-sqs');
    // It may be AWS: it gets the credentials of the environment.
    return new SQSClient({ region, endpoint, useQueueUrlAsEndpoint: false });
  }
}

function keyOf({ target, ...model }: EventSourceMappingModel): string {
  return JSON.stringify([target.arn, model]);
}
