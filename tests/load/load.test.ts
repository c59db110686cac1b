/**
 * `npm start` under more load than it can take: every answer is right, or a documented refusal, and it gives back
 * what it took. CONNECTIONS and SOAK, the requests of the soak, say how much is tried.
 */
import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { longOnly } from '../harness/long-form.ts';
import { KeepAlive } from './keep-alive.ts';
import { feelingApi, Load, type Outcome } from './load.ts';
import { childrenOf, linuxOnly, memoryMb, socketsAndPipesOf } from './process-facts.ts';
import { type StartedApi, startApi } from './started-api.ts';
import { untilReleased } from './until-released.ts';

const connections = Number(process.env['CONNECTIONS'] ?? 1200);
const soakRequests = Number(process.env['SOAK'] ?? 150000);

let api: StartedApi;
before(async () => {
  api = await startApi();
});
after(() => api[Symbol.asyncDispose]());

/** All that is asserted of every load: each request has its answer, and each answer is right. */
function assertRight({ statuses, wrong, unanswered }: Outcome, allowed: number[]): void {
  assert.deepEqual(wrong, []);
  assert.equal(unanswered, 0);
  assert.deepEqual(
    Object.keys(statuses).filter((status) => !allowed.includes(Number(status))),
    [],
    JSON.stringify(statuses),
  );
}

function requestsOf({ statuses }: Outcome): number {
  return Object.values(statuses).reduce((sum, count) => sum + count, 0);
}

/** Prints the figures of a load: as a row of the table of `npm run test:long`, and for its sums. */
async function report(t: TestContext, what: string, outcome: Outcome): Promise<void> {
  const { statuses, milliseconds, wrong, unanswered } = outcome;
  const sorted = milliseconds.toSorted((one, other) => one - other);
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
  const refused = (statuses[429] ?? 0) + (statuses[503] ?? 0);
  const held = await memoryMb(api.pid);
  const figures = [requestsOf(outcome), statuses[200] ?? 0, refused, at(0.5), at(0.99), held];
  t.diagnostic(`load: | ${what} | ${figures.map((figure) => Math.round(figure).toLocaleString('en')).join(' | ')} |`);
  t.diagnostic(`evidence: requests under load=${requestsOf(outcome)}`);
  t.diagnostic(`evidence: requests under load, refused with 429 or 503=${refused}`);
  t.diagnostic(`evidence: requests under load, answered wrongly or not at all=${wrong.length + unanswered}`);
}

test('a thousand connections stay open at once, and each is answered by its own answer', {
  ...linuxOnly,
  ...longOnly,
}, async (t) => {
  const clients = await Promise.all(Array.from({ length: connections }, () => KeepAlive.to(api.url)));
  const target = feelingApi(api.url);
  const atOnce = 200;
  let answers = 0;
  for (let first = 0; first < connections; first += atOnce) {
    await Promise.all(
      clients.slice(first, first + atOnce).map(async (client, index) => {
        const id = `connection ${first + index}`;
        const reply = await client.post(target.path, target.headers, target.body(id, index));
        assert.equal(reply?.status, 200, id);
        assert.equal(target.complaint(reply, id, index), undefined);
        answers++;
      }),
    );
  }
  assert((await socketsAndPipesOf(api.pid)) >= connections, 'they are all open still');
  assert.equal(answers, connections);
  for (const client of clients) client.close();
  t.diagnostic(`evidence: connections at once=${connections}`);
  t.diagnostic(`evidence: requests under load=${answers}`);
});

test('a ramp past what it can take is answered with 429 and 503, and is over when it is over', {
  ...linuxOnly,
  ...longOnly,
}, async (t) => {
  // So that both environments are there.
  const warm = await Load.start(feelingApi(api.url), 10);
  await warm.more(100);
  assertRight(await warm.stop(), [200]);
  const heapBefore = await api.heapMb();

  let refused = 0;
  for (const count of [10, 100, connections / 4, connections]) {
    const load = await Load.start(feelingApi(api.url), count);
    await load.more(Math.max(100, count));
    const outcome = await load.stop();
    await report(t, `ramp: ${count.toLocaleString('en')} connections`, outcome);
    assertRight(outcome, [200, 429, 503]);
    refused += (outcome.statuses[429] ?? 0) + (outcome.statuses[503] ?? 0);
  }
  assert(refused > 0, 'the ramp went past what it can take');

  const afterwards = await Load.start(feelingApi(api.url), 1);
  await afterwards.more(100);
  const outcome = await afterwards.stop();
  await report(t, 'after the ramp: 1 connection', outcome);
  assertRight(outcome, [200]);
  await untilReleased(api);
  const grown = (await api.heapMb()) - heapBefore;
  t.diagnostic(`after the ramp the gateway holds ${grown.toFixed(1)} MB more than before`);
  assert(grown < 30, `it holds ${grown} MB more than before`);
});

test('a soak leaves no trace: not in the gateway, not in an environment', { ...linuxOnly, ...longOnly }, async (t) => {
  const samples = 9;
  const load = await Load.start(feelingApi(api.url), 20);
  const held: Record<string, number[]> = {};
  for (let sample = 0; sample < samples; sample++) {
    await load.more(Math.ceil(soakRequests / samples));
    const environments = (await childrenOf(api.pid)).filter((child) => child.function !== '');
    const figures: Record<string, number> = { 'gateway, in use': await api.heapMb() };
    figures['gateway, resident'] = await memoryMb(api.pid);
    for (const { pid } of environments) figures[`environment ${pid}, resident`] = await memoryMb(pid);
    for (const [what, megabytes] of Object.entries(figures)) held[what] = [...(held[what] ?? []), megabytes];
  }
  const outcome = await load.stop();
  await report(t, 'soak: 20 connections', outcome);
  assertRight(outcome, [200]);
  for (const [what, megabytes] of Object.entries(held)) {
    t.diagnostic(`${what}: ${megabytes.map((sample) => sample.toFixed(1)).join(' ')} MB`);
    assert.equal(megabytes.length, samples, `${what}: it was the same process from first to last`);
    const growth = growthOf(megabytes);
    // In use, it grows only by a leak. What is resident rises and falls with the collection of garbage.
    assert(growth < (what.endsWith('in use') ? 3 : 40), `${what}: ${growth} MB more in the last third`);
  }
});

/** From the second third of the samples to the last one: in the first, code gets hot and heaps find their size. */
function growthOf(samples: number[]): number {
  const third = samples.length / 3;
  const median = (part: number[]) =>
    part.toSorted((one, other) => one - other)[Math.floor(part.length / 2)] ?? Number.NaN;
  return median(samples.slice(2 * third)) - median(samples.slice(third, 2 * third));
}
