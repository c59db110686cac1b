/** Many asynchronous events: each one ends exactly once. EVENTS says how many. */
import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { test } from 'node:test';
import type { LocalRuntimeEvent } from '../../../infra/local/runtime-event.ts';
import { messages } from '../../harness/serve-by-hand.ts';
import { serve } from '../../harness/test-stack.ts';

test('many events, one in ten failing, end as exactly that many results and failures', async () => {
  const count = Number(process.env['EVENTS'] ?? 500);
  const code = (event: { n: number }) => {
    if (event.n % 10 === 0) throw new Error(`no ${event.n}`);
    return event.n;
  };
  let left = count;
  const { promise: allEnded, resolve: lastEnded } = Promise.withResolvers<void>();
  const report = ({ event }: LocalRuntimeEvent) => {
    if (event === 'event-ended' && --left === 0) lastEnded();
  };
  await using stack = await serve(
    { oneInTen: { code: `export const handler = ${code};`, hasQueues: true } },
    { runtime: { retryDelayMs: 0, maxEnvironments: 2, report } },
  );
  const { runtime } = stack;
  const agent = new Agent({ keepAlive: true, maxSockets: 20 });
  const accept = (n: number) =>
    new Promise<void>((resolve, reject) => {
      const headers = { 'x-amz-invocation-type': 'Event' };
      const path = `${runtime.lambdaUrl}/2015-03-31/functions/oneInTen/invocations`;
      const call = request(path, { method: 'POST', headers, agent }, (response) => {
        assert.equal(response.statusCode, 202);
        response.resume().on('end', resolve);
      });
      call.on('error', reject);
      call.end(JSON.stringify({ n }));
    });
  const batch = 1000;
  for (let from = 0; from < count; from += batch) {
    await Promise.all(Array.from({ length: Math.min(batch, count - from) }, (_, i) => accept(from + i)));
  }
  agent.destroy();
  await allEnded;
  // What a consumer receives would be visible again before it has received all of it.
  assert.deepEqual(await runtime.stop(), []);

  const seen = new Set<number>();
  for (const record of await messages(runtime, 'oneInTen-results')) {
    const { requestPayload, responsePayload } = JSON.parse(record);
    assert.equal(responsePayload, requestPayload.n);
    assert(!seen.has(requestPayload.n));
    seen.add(requestPayload.n);
  }
  assert.equal(seen.size, count - Math.ceil(count / 10));
  for (const record of await messages(runtime, 'oneInTen-failures')) {
    const { requestContext, requestPayload, responsePayload } = JSON.parse(record);
    assert.equal(requestContext.approximateInvokeCount, 3);
    assert.equal(responsePayload.errorMessage, `no ${requestPayload.n}`);
    assert(!seen.has(requestPayload.n));
    seen.add(requestPayload.n);
  }
  assert.equal(seen.size, count);
});
