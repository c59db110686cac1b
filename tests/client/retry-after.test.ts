/** What the typed client makes of `Retry-After`: it waits as long as it may, and never hammers the API. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { retryAfterMs } from '../../shared/client/retry-after.ts';
import { createFeelingClient, type FeelingClientOptions } from '../../shared/client.ts';

const body = { emoji_type: 0, message: 'hi' };
const baseUrl = 'http://api.example';
const feeling = { feeling: 'positive', message: 'hi' };
const ok = () => Response.json(feeling);

describe('Retry-After', () => {
  const now = Date.UTC(2026, 10, 26, 12, 0, 0);
  const cases: [string | null, number][] = [
    ['120', 120_000],
    ['0', 0],
    ['Thu, 26 Nov 2026 12:00:10 GMT', 10_000],
    ['Thursday, 26-Nov-26 12:00:10 GMT', 10_000],
    ['Thu Nov 26 12:00:10 2026', 10_000],
    ['Tue Dec  1 12:00:00 2026', 5 * 86_400_000],
    ['Thu, 26 Nov 2026 11:00:00 GMT', 0],
    ['Thu Nov 26 11:00:00 2026', 0],
    ['Thu, 99 Nov 2026 12:00:10 GMT', 0],
    ['2027-01-01', 0],
    ['1.5', 0],
    ['-5', 0],
    ['5, 5', 0],
    ['soon', 0],
    ['', 0],
    [null, 0],
  ];
  for (const zone of ['UTC', 'America/New_York', 'Asia/Tokyo']) {
    test(`is read as seconds or as a date in GMT, in ${zone}`, (t) => {
      t.mock.timers.enable({ apis: ['Date'], now });
      const { TZ } = process.env;
      process.env['TZ'] = zone;
      try {
        for (const [header, ms] of cases) assert.equal(retryAfterMs(header), ms, String(header));
      } finally {
        if (TZ === undefined) delete process.env['TZ'];
        else process.env['TZ'] = TZ;
      }
    });
  }

  /** Calls an API that is busy at first. Returns the delays between its requests in milliseconds. */
  async function delays(retryAfter: string, options: Partial<FeelingClientOptions> = {}): Promise<number[]> {
    const times: number[] = [];
    const fetch = async () => {
      times.push(performance.now());
      return Response.json({ message: 'Busy' }, { status: 429, headers: { 'retry-after': retryAfter } });
    };
    const { error } = await createFeelingClient({ baseUrl, retries: 1, fetch, ...options }).POST('/feeling', { body });
    assert.deepEqual(error, { message: 'Busy' });
    return times.slice(1).map((time, i) => time - (times[i] ?? 0));
  }

  for (const retryAfter of ['0', 'Sun, 06 Nov 1994 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994', '-1', 'now']) {
    test(`${retryAfter} does not make it hammer the API`, async () => {
      const [delay = 0, ...others] = await delays(retryAfter);
      assert.equal(others.length, 0);
      // The delay that was asked for, not the time that it took: timers run up to 1 ms early.
      assert(delay >= 124, `${delay} ms`);
    });
  }

  for (const timeoutMs of [30_000, Infinity]) {
    for (const retryAfter of ['9'.repeat(30), '9'.repeat(400), '2147484', 'Fri, 31 Dec 9999 23:59:59 GMT']) {
      test(`${retryAfter.slice(0, 40)} is not waited for with timeoutMs ${timeoutMs}`, async () => {
        assert.deepEqual(await delays(retryAfter, { timeoutMs }), []);
      });
    }
  }

  test('the body of a response that is not used need not end, and may have been read', async () => {
    const endless = () => new Response(new ReadableStream({ cancel: () => new Promise(() => {}) }), { status: 503 });
    const used = () => {
      const response = new Response('busy', { status: 503 });
      response.text();
      return response;
    };
    for (const busy of [endless, used]) {
      const responses = [busy(), ok()];
      const fetch = async () => responses.shift() ?? assert.fail('sent a third time');
      assert.deepEqual((await createFeelingClient({ baseUrl, fetch }).POST('/feeling', { body })).data, feeling);
    }
  });
});
