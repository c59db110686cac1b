import type { Clock } from '../async/clock.ts';
import type { ScheduleModel } from '../cloud-assembly/stack-model.ts';

export interface SchedulesOptions {
  clock: Clock;
  /** Adds a message to a queue. */
  send(queue: string, message: string): Promise<void>;
}

const unitMs = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
/** The longest that a timer of Node.js can wait. */
const longestTimerMs = 2 ** 31 - 1;

/** A schedule cannot be understood. Its message names it. */
export class ScheduleError extends Error {
  override readonly name = 'ScheduleError';
}

/** The schedules of EventBridge Scheduler, which send a message again and again (docs: scheduler/schedule-types). */
export class Schedules {
  private readonly options: SchedulesOptions;
  private cancels = new Map<string, () => void>();

  constructor(options: SchedulesOptions) {
    this.options = options;
  }

  /**
   * Follows these schedules from now on.
   * @throws {ScheduleError} for an expression or a time zone that the service does not have.
   */
  async replace(models: readonly ScheduleModel[]): Promise<void> {
    this.stop();
    for (const model of models) {
      const next = await occurrences(model, this.options.clock.now());
      this.wait(model, next);
    }
  }

  stop(): void {
    for (const cancel of this.cancels.values()) cancel();
    this.cancels.clear();
  }

  private wait(model: ScheduleModel, next: (after: number) => number | undefined): void {
    const { clock, send } = this.options;
    const time = next(clock.now());
    if (time === undefined) return;
    const delay = time - clock.now();
    const cancel = clock.after(Math.min(delay, longestTimerMs), () => {
      const isDue = clock.now() >= time - 1 || delay <= longestTimerMs;
      if (isDue) send(model.queue.name, model.message).catch(console.error);
      this.wait(model, next);
    });
    this.cancels.set(model.name, cancel);
  }
}

/** Returns a function that returns the first time of a schedule after a moment, or undefined after its last. */
async function occurrences(
  { name, expression, timezone }: ScheduleModel,
  start: number,
): Promise<(after: number) => number | undefined> {
  const [, kind, argument = ''] = /^(rate|cron|at)\((.*)\)$/.exec(expression) ?? [];
  const fail = (reason: string) => new ScheduleError(`${name}: ${expression} ${reason}`);
  if (kind === 'rate') {
    const [, count, unit] = /^([1-9]\d*) (minute|hour|day)s?$/.exec(argument) ?? [];
    if (!count) throw fail('is no rate. Write rate(5 minutes).');
    const everyMs = Number(count) * unitMs[unit as keyof typeof unitMs];
    return (after) => start + (Math.floor((after - start) / everyMs) + 1) * everyMs;
  }
  if (timezone !== 'UTC') throw fail(`has the time zone ${timezone}. Only UTC is served on this machine.`);
  if (kind === 'at') {
    const time = Date.parse(`${argument}Z`);
    if (Number.isNaN(time)) throw fail('is no time. Write at(2026-12-31T23:59:59).');
    return (after) => (time > after ? time : undefined);
  }
  if (kind !== 'cron')
    throw fail('is no schedule. Write rate(5 minutes), cron(0 12 * * ? *) or at(2026-12-31T23:59:59).');
  // Loaded only where it is needed.
  const { next, parse } = await import('aws-cron-parser').then((module) => module.default);
  try {
    const cron = parse(argument);
    return (after) => next(cron, new Date(after))?.getTime();
  } catch (error) {
    throw fail(`cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}
