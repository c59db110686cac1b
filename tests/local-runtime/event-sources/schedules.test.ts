/** A schedule sends its message at the times of its expression. The test moves the clock. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Schedules } from '../../../infra/local/event-sources/schedules.ts';
import { ManualClock } from '../../harness/manual-clock.ts';

const minute = 60_000;
const hour = 60 * minute;
const queue = { name: 'queue', arn: 'arn', attributes: {} };
const schedule = (expression: string, timezone = 'UTC') => ({
  name: 'daily',
  expression,
  timezone,
  queue,
  message: '{"scheduled":true}',
});

/** Follows a schedule, and returns the clock, and the times at which it has sent its message. */
async function followed(expression: string) {
  const clock = new ManualClock();
  const times: number[] = [];
  const schedules = new Schedules({
    clock,
    async send(name, message) {
      assert.deepEqual([name, message], ['queue', '{"scheduled":true}']);
      times.push(clock.now());
    },
  });
  const start = clock.now();
  await schedules.replace([schedule(expression)]);
  return { clock, times, start, schedules };
}

describe('a schedule', () => {
  /** @aws docs:with-eventbridge-scheduler: A rate sends at regular intervals. When the first comes is not documented. @unknown */
  test('rate(5 minutes) sends every five minutes', async () => {
    const { clock, times, start } = await followed('rate(5 minutes)');
    for (let n = 0; n < 17; n++) clock.advance(minute);
    assert.deepEqual(
      times.map((time) => Math.round((time - start) / minute)),
      [5, 10, 15],
    );
  });

  /** @aws docs:with-eventbridge-scheduler: A cron expression has six fields. */
  test('cron(30 * * * ? *) sends at each half hour', async () => {
    const { clock, times } = await followed('cron(30 * * * ? *)');
    for (let n = 0; n < 6; n++) clock.advance(hour / 2);
    assert(times.length >= 2);
    for (const time of times) assert.equal(Math.round(time / minute) % 60, 30);
  });

  test('at(…) sends once', async () => {
    const clock = new ManualClock();
    const at = new Date(clock.now() + 2 * hour).toISOString().slice(0, 19);
    const { clock: own, times } = await followed(`at(${at})`);
    for (let n = 0; n < 5; n++) own.advance(hour);
    assert.equal(times.length, 1);
  });

  test('a schedule that is replaced sends nothing more', async () => {
    const { clock, times, schedules } = await followed('rate(1 minute)');
    await schedules.replace([]);
    clock.advance(hour);
    assert.deepEqual(times, []);
  });

  const wrong: [string, string, RegExp][] = [
    ['rate(0 minutes)', 'UTC', /^daily: rate\(0 minutes\) is no rate\. Write rate\(5 minutes\)\.$/],
    ['rate(5 fortnights)', 'UTC', /is no rate/],
    ['every day', 'UTC', /is no schedule\. Write rate/],
    ['at(tomorrow)', 'UTC', /is no time/],
    ['cron(nonsense)', 'UTC', /cannot be read/],
    ['cron(0 12 * * ? *)', 'Europe/Berlin', /has the time zone Europe\/Berlin\. Only UTC/],
  ];
  for (const [expression, timezone, message] of wrong) {
    test(`${expression} in ${timezone} is refused by name`, async () => {
      const schedules = new Schedules({ clock: new ManualClock(), async send() {} });
      await assert.rejects(schedules.replace([schedule(expression, timezone)]), { name: 'ScheduleError', message });
    });
  }
});
