/** `npm start` under load, while things break around it. FAULTS says how often each does. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { open } from '../harness/http-client.ts';
import { journaled, queued } from '../harness/journaled.ts';
import { longOnly } from '../harness/long-form.ts';
import { queueClient } from '../harness/queues.ts';
import { isAlive } from '../harness/test-stack.ts';
import { feelingApi, Load, type LoadTarget, type Outcome } from './load.ts';
import { childrenOf, linuxOnly } from './process-facts.ts';
import { type StartedApi, startApi } from './started-api.ts';
import { untilReleased } from './until-released.ts';

const faults = Number(process.env['FAULTS'] ?? 1);

const endedLine =
  /^\{"time":"[^"]+","event":"event-ended","function":"feeling-direct-dev","requestId":"([^"]+)","condition":"(\w+)"/;
const answeredLine = /^\{"time":"[^"]+","event":"request","method":"POST","path":"\/feeling","status":200,/;

let api: StartedApi;
/** How the events ended that were accepted, by the id of their request. */
const ends = new Map<string, string[]>();
let answered = 0;

before(async () => {
  api = await startApi(['-c', 'timeoutSeconds=2'], { MAX_ENVIRONMENTS: '3', RETRY_SECONDS: '0' });
  api.lines.on('line', (line) => {
    const [, id = '', condition = ''] = endedLine.exec(line) ?? [];
    if (id) ends.set(id, [...(ends.get(id) ?? []), condition]);
    if (answeredLine.test(line)) answered++;
  });
});
after(() => api[Symbol.asyncDispose]());

/** Of the function behind the API. */
async function environments(): Promise<number[]> {
  return (await childrenOf(api.pid)).filter((child) => child.function === 'feeling-http-dev').map(({ pid }) => pid);
}

function assertFailedAtMost(count: number, { statuses, wrong, unanswered }: Outcome): void {
  assert.deepEqual([wrong, unanswered], [[], 0]);
  const { 200: right, 500: failed = 0, ...others } = statuses;
  assert.deepEqual(others, {});
  assert(failed <= count, `${failed} of ${right} requests failed by ${count} faults`);
}

/** Sends events. Every second one fails at each attempt, or all of them. */
function eventsTo(url: string, accepted: Set<string>, { allFail = false } = {}): LoadTarget {
  return {
    url,
    path: '/2015-03-31/functions/feeling-direct-dev/invocations',
    headers: 'X-Amz-Invocation-Type: Event\r\n',
    body: (id, number) => JSON.stringify({ message: id, ...(number % 2 === 0 && !allFail && { emoji_type: 0 }) }),
    complaint({ status, requestId, body }) {
      if (status === 202) accepted.add(requestId);
      // An event that cannot be written to the disk is refused.
      const isRight = status === 202 ? body === '' : status === 500 && /events\.sqlite/.test(body);
      return isRight ? undefined : `${status} ${body}`;
    },
  };
}

interface EventRecord {
  requestContext: { requestId: string; condition: string };
}

/** Returns the records in the queue, once the server has stopped. */
function records(queues = api.queues): EventRecord[] {
  return queued(queues, 'feeling-direct-dev-failed-events').map((body) => JSON.parse(body));
}

describe('npm start, under load', { ...linuxOnly, ...longOnly }, () => {
  test('loses the requests of environments that are killed, and no other', async (t) => {
    const load = await Load.start(feelingApi(api.url), 20);
    await load.more(100);
    const killed: number[] = [];
    for (let fault = 0; fault < faults; fault++) {
      for (const pid of await environments()) {
        process.kill(pid, 'SIGKILL');
        killed.push(pid);
      }
      await load.more(100);
    }
    assertFailedAtMost(killed.length, await load.stop());
    assert.deepEqual(killed.filter(isAlive), []);
    await untilReleased(api);
    t.diagnostic(`evidence: faults: environment killed=${killed.length}`);
  });

  test('ends environments that are stopped, loses their requests and no other', longOnly, async (t) => {
    const load = await Load.start(feelingApi(api.url), 20);
    await load.more(100);
    const stopped: number[] = [];
    for (let fault = 0; fault < faults; fault++) {
      const [pid] = await environments();
      assert(pid);
      process.kill(pid, 'SIGSTOP');
      stopped.push(pid);
      for (let tries = 0; isAlive(pid) && tries < 1000; tries++) await load.more(20);
    }
    assertFailedAtMost(stopped.length, await load.stop());
    assert.deepEqual(stopped.filter(isAlive), []);
    await untilReleased(api);
    t.diagnostic(`evidence: faults: environment stopped=${stopped.length}`);
  });

  test('keeps the records of events that a full disk does not take, whole and once', longOnly, async (t) => {
    const load = await Load.start(feelingApi(api.url), 10);
    const accepted = new Set<string>();
    const events = await Load.start(eventsTo(api.lambdaUrl, accepted), 5);
    await events.more(40);
    const full = api.says(/"event":"(?:journal-failed|queue-unwritable)"/);
    // As on a full disk, the beginning of a write is taken and the rest is not.
    await limitFilesTo('1000');
    await full;
    await events.more(40);
    assert.deepEqual((await events.stop()).wrong, []);

    await limitFilesTo('unlimited');
    while (ends.size < accepted.size) await load.more(20);
    const failed = [...accepted].filter((id) => !ends.get(id)?.includes('Success'));
    using client = queueClient(api.lambdaUrl);
    const ids: string[] = [];
    for (let tries = 0; ids.length < failed.length && tries < 10_000; tries++) {
      await load.more(20);
      const messages = await client.receive('feeling-direct-dev-failed-events', 0);
      ids.push(...messages.map(({ Body = '' }) => JSON.parse(Body).requestContext.requestId));
    }
    assertFailedAtMost(0, await load.stop());
    assert.deepEqual(ids.sort(), failed.sort());
    const lost = [...accepted].filter((id) => !ends.has(id));
    assert.deepEqual(lost, []);
    t.diagnostic('evidence: faults: disk full=1');
    t.diagnostic(`evidence: events accepted while things broke=${accepted.size}`);
    t.diagnostic(`evidence: events accepted while things broke, lost=${lost.length}`);
  });

  test('that receives SIGTERM responds to the requests in flight, loses no event, and leaves nothing', async (t) => {
    const accepted = new Set<string>();
    // Once its own line is there, so are those of all that was answered before.
    const marker = `/${crypto.randomUUID()}`;
    await fetch(`${api.url}${marker}`);
    await api.says(new RegExp(`"${marker}"`));
    const before = answered;
    const loads = [await Load.start(feelingApi(api.url), 20), await Load.start(eventsTo(api.lambdaUrl, accepted), 20)];
    for (const load of loads) await load.more(200);
    const children = (await childrenOf(api.pid)).filter((child) => child.function !== '').map(({ pid }) => pid);
    assert(children.length >= 4, 'both functions have environments');
    api.process.kill('SIGTERM');
    const [requests, events] = await Promise.all(loads.map((load) => load.over()));
    assert(requests && events);
    assert.equal(await api.ended(), 0);
    assert.deepEqual([requests.wrong, events.wrong], [[], []]);
    assert.deepEqual(Object.keys(requests.statuses), ['200']);
    // Who was not answered was not taken: nothing was done for nobody.
    assert.equal(requests.statuses[200], answered - before);

    const recorded = records().map(({ requestContext }) => requestContext.requestId);
    assert.equal(new Set(recorded).size, recorded.length, 'each is recorded once');
    const waiting = journaled(api.queues);
    for (const id of accepted) {
      const isWaiting = waiting.includes(id);
      assert.equal(ends.get(id)?.length ?? 0, isWaiting ? 0 : 1, `${id} comes to one end, or is in the journal`);
      const hasFailed = !isWaiting && ends.get(id)?.[0] !== 'Success';
      assert.equal(recorded.includes(id), hasFailed, `${id} is recorded if it failed`);
    }
    assert(waiting.length > 0, 'there were events that waited for their turn');
    assert.deepEqual(children.filter(isAlive), []);
    for (const url of [api.url, api.lambdaUrl]) await assert.rejects(open(url), { code: 'ECONNREFUSED' });
    t.diagnostic('evidence: faults: told to stop=1');
    t.diagnostic(`evidence: events accepted while things broke=${accepted.size}`);
    const lost = [...accepted].filter((id) => !ends.has(id) && !waiting.includes(id));
    t.diagnostic(`evidence: events accepted while things broke, lost=${lost.length}`);
  });
});

test('npm start stops when the reader of its output is gone, and loses no event', async (t) => {
  await using piped = await startApi();
  const accepted = new Set<string>();
  const load = await Load.start(eventsTo(piped.lambdaUrl, accepted, { allFail: true }), 10);
  await load.more(50);
  // As of `npm start | head`.
  piped.process.stdout?.destroy();
  assert.deepEqual((await load.over()).wrong, []);
  assert.equal(await piped.ended(), 0);
  const recorded = records(piped.queues).map(({ requestContext }) => requestContext.requestId);
  const ids = [...recorded, ...journaled(piped.queues)];
  assert.deepEqual(ids.sort(), [...accepted].sort());
  t.diagnostic('evidence: faults: output closed=1');
  t.diagnostic(`evidence: events accepted while things broke=${accepted.size}`);
});

/** @param bytes that a file of `npm start` may have */
async function limitFilesTo(bytes: string): Promise<void> {
  await promisify(execFile)('prlimit', ['--pid', String(api.pid), `--fsize=${bytes}:`]);
}
