import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { account, region } from '../aws/arn.ts';
import type { EventBusModel, EventRuleModel } from '../cloud-assembly/stack-model.ts';

const requestShape = z.object({
  Entries: z.array(z.record(z.string(), z.unknown())).min(1).max(10),
});
const entryShape = z.object({
  Source: z.string().min(1),
  DetailType: z.string().min(1),
  Detail: z.string().min(1),
  EventBusName: z.string().default('default'),
  Resources: z.array(z.string()).default([]),
  Time: z.number().optional(),
});

interface EntryResult {
  EventId?: string;
  ErrorCode?: string;
  ErrorMessage?: string;
}

export interface EventBusesOptions {
  /** Adds a message to a queue. @returns once it is on the disk */
  send(queue: string, message: string): Promise<void>;
}

/** The event buses of the template, whose rules send events to queues (docs: eb-rules). */
export class EventBuses {
  models: readonly EventBusModel[] = [];
  private readonly options: EventBusesOptions;

  constructor(options: EventBusesOptions) {
    this.options = options;
  }

  /**
   * Returns the response of PutEvents, once the queues have the events. An entry that is wrong is refused by itself.
   * @param body JSON
   */
  async putEvents(body: string): Promise<{ FailedEntryCount: number; Entries: EntryResult[] }> {
    const request = requestShape.safeParse(parsed(body));
    const entries = request.success ? request.data.Entries : [{}];
    const results = await Promise.all(entries.map((entry) => this.put(entry)));
    return { FailedEntryCount: results.filter(({ ErrorCode }) => ErrorCode).length, Entries: results };
  }

  private async put(entry: Record<string, unknown>): Promise<EntryResult> {
    const { data, error } = entryShape.safeParse(entry);
    if (!data) return refused('InvalidArgument', z.prettifyError(error).replaceAll('\n', ' '));
    const detail = parsed(data.Detail);
    if (typeof detail !== 'object' || detail === null || Array.isArray(detail)) {
      return refused('MalformedDetail', 'Detail is malformed.');
    }
    const bus = this.models.find(({ name, arn }) => name === data.EventBusName || arn === data.EventBusName);
    if (!bus) {
      const names = this.models.map(({ name }) => name).join(', ');
      return refused('ResourceNotFoundException', `The stack has no event bus ${data.EventBusName}. It has ${names}.`);
    }
    const id = randomUUID();
    const event = {
      version: '0',
      id,
      'detail-type': data.DetailType,
      source: data.Source,
      account,
      time: `${new Date(data.Time === undefined ? Date.now() : data.Time * 1000).toISOString().slice(0, 19)}Z`,
      region,
      resources: data.Resources,
    };
    // The detail as it came: JSON.parse would round its numbers.
    const whole = `${JSON.stringify(event).slice(0, -1)},"detail":${data.Detail}}`;
    const targets = bus.rules.filter(({ pattern }) => matches(pattern, event)).flatMap((rule) => rule.targets);
    await Promise.all(
      targets.map(({ queue, hasDetailOnly }) => this.options.send(queue.name, hasDetailOnly ? data.Detail : whole)),
    );
    return { EventId: id };
  }
}

function matches(pattern: EventRuleModel['pattern'], event: { source: string; 'detail-type': string }): boolean {
  const { source, 'detail-type': detailType } = pattern;
  return (source?.includes(event.source) ?? true) && (detailType?.includes(event['detail-type']) ?? true);
}

function refused(ErrorCode: string, ErrorMessage: string): EntryResult {
  return { ErrorCode, ErrorMessage };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
