/** The machine's clock is set by hours: timers do not follow it, dates do. */
import assert from 'node:assert/strict';
import { after, describe, type TestContext, test } from 'node:test';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { generateKeyPair } from 'jose';
import request from 'supertest';
import type { EventEndReport } from '../../../infra/local/async/event-reports.ts';
import { openGate } from '../../harness/gate.ts';
import { openIssuer } from '../../harness/issuer.ts';
import { localClient } from '../../harness/lambda-client.ts';
import { messages } from '../../harness/serve-by-hand.ts';
import { invoke, serve } from '../../harness/test-stack.ts';

const hour = 60 * 60_000;

const gate = await openGate();
after(() => gate[Symbol.asyncDispose]());
const environment = { GATE: gate.url };

/** @returns sets the clock, forward by the milliseconds */
function settableClock(t: TestContext): (milliseconds: number) => void {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  return (milliseconds) => t.mock.timers.setTime(Date.now() + milliseconds);
}

describe('the clock is set', () => {
  for (const [how, milliseconds] of [
    ['forward', 7 * hour],
    ['back', -7 * hour],
  ] as const) {
    test(`${how}: an event has as many attempts as ever, and its record the new time`, async (t) => {
      const setClock = settableClock(t);
      const { promise, resolve } = Promise.withResolvers<EventEndReport>();
      const fails = async () => {
        await (await fetch(process.env['GATE'] ?? '')).text();
        throw new Error('not today');
      };
      await using stack = await serve(
        { fails: { code: fails, hasQueues: true, options: { environment } } },
        { runtime: { retryDelayMs: 0, report: (event) => event.event === 'event-ended' && resolve(event) } },
      );
      const client = localClient(stack.runtime.lambdaUrl);
      await client.send(new InvokeCommand({ FunctionName: 'fails', Payload: '{}', InvocationType: 'Event' }));
      client.destroy();
      const started = Date.now();
      for (const byMs of [milliseconds, 0, 0]) {
        const { release } = await gate.arrival();
        setClock(byMs);
        release();
      }
      const { condition, attempts } = await promise;
      assert.deepEqual({ condition, attempts }, { condition: 'RetriesExhausted', attempts: 3 });
      const [record] = await messages(stack.runtime, 'fails-failures');
      assert.equal(Date.parse(JSON.parse(record ?? '').timestamp), started + milliseconds);
      t.diagnostic('evidence: faults: clock set=1');
    });
  }

  test('back: an idle environment is still stopped', async (t) => {
    const setClock = settableClock(t);
    const lingers = async () => Object.assign(globalThis, { kept: await fetch(process.env['GATE'] ?? '') }) && 1;
    await using stack = await serve({ lingers: { code: lingers, options: { environment } } });
    const pool = stack.pool('lingers', { idleMs: 20 });
    const result = invoke(pool);
    const { gone } = await gate.arrival();
    assert.equal((await result).failed, false);
    setClock(-hour);
    await gone;
    t.diagnostic('evidence: faults: clock set=1');
  });

  test('forward: a token expires; back: it is valid again, and a new key is fetched after the usual time', async (t) => {
    const setClock = settableClock(t);
    const other = await generateKeyPair('RS256', { extractable: true });
    await using issuer = await openIssuer();
    await using stack = await serve({ tells: { code: () => 1 } }, { jwt: { issuer: issuer.url, audience: ['us'] } });
    const seconds = Math.floor(Date.now() / 1000);
    const claims = { iss: issuer.url, aud: 'us', iat: seconds - 60, exp: seconds + 60 };
    const status = async (token: string) => (await request(stack.url).get('/tells').set('authorization', token)).status;
    const token = await issuer.sign(claims);
    assert.equal(await status(token), 200);
    setClock(hour);
    assert.equal(await status(token), 401);
    setClock(-hour);
    assert.equal(await status(token), 200);

    // The keys were fetched at a time that is now in the future.
    setClock(-hour);
    const early = { ...claims, iat: claims.iat - hour / 1000 };
    const unknown = await issuer.sign(early, { kid: 'other' }, other.privateKey);
    assert.equal(await status(unknown), 401);
    await issuer.publish('other', other);
    assert.equal(await status(unknown), 401, 'the keys were fetched a moment ago');
    const now = performance.now.bind(performance);
    t.mock.method(performance, 'now', () => now() + 31_000);
    assert.equal(await status(unknown), 200);
    t.diagnostic('evidence: faults: clock set=3');
  });
});
