/** `npm start`, killed again and again while it has events: FAULTS says how often. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { journaled, queued } from '../harness/journaled.ts';
import { longOnly } from '../harness/long-form.ts';
import { feelingApi, Load, type LoadTarget } from './load.ts';
import { linuxOnly } from './process-facts.ts';
import { startApi } from './started-api.ts';

const kills = Number(process.env['FAULTS'] ?? 20);
const queues = await mkdtemp(join(tmpdir(), 'feeling-api-test-'));
after(() => rm(queues, { recursive: true, force: true }));

/** Events that fail: each ends as a record, after three attempts. */
const eventsTo = (url: string, accepted: Set<string>): LoadTarget => ({
  url,
  path: '/2015-03-31/functions/feeling-direct-dev/invocations',
  headers: 'X-Amz-Invocation-Type: Event\r\n',
  body: (message) => JSON.stringify({ message }),
  complaint({ status, requestId }) {
    if (status !== 202) return String(status);
    accepted.add(requestId);
    return undefined;
  },
});

const settings = { QUEUE_DIRECTORY: queues, RETRY_SECONDS: '0' };

test('kill -9, again and again, loses no accepted event and records none twice', {
  ...linuxOnly,
  ...longOnly,
}, async (t) => {
  const accepted = new Set<string>();
  for (let kill = 0; kill < kills; kill++) {
    await using api = await startApi([], settings);
    const load = await Load.start(eventsTo(api.lambdaUrl, accepted), 10);
    await load.more(20 + 7 * kill);
    process.kill(api.pid, 'SIGKILL');
    await load.over();
    await api.ended();
  }
  // Until every event has ended.
  do {
    await using api = await startApi([], settings);
    const load = await Load.start(feelingApi(api.url), 2);
    await load.more(500);
    await load.stop();
    api.process.kill('SIGTERM');
    await api.ended();
  } while (journaled(queues).length > 0);

  const ids = queued(queues, 'feeling-direct-dev-failed-events').map(
    (body) => JSON.parse(body).requestContext.requestId,
  );
  assert.equal(new Set(ids).size, ids.length, 'none is recorded twice');
  assert.deepEqual([...accepted.difference(new Set(ids))], []);
  t.diagnostic(`evidence: faults: kill -9 of npm start=${kills}`);
  t.diagnostic(`evidence: events accepted while things broke=${accepted.size}`);
});
