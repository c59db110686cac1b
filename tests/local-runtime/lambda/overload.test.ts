/** More requests than environments: as many are queued as Lambda would run at once. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { Duration } from '../../harness/duration.ts';
import { openGate } from '../../harness/gate.ts';
import { send } from '../../harness/http-client.ts';
import { localClient } from '../../harness/lambda-client.ts';
import { serve } from '../../harness/test-stack.ts';

const gate = await openGate();
after(() => gate[Symbol.asyncDispose]());
const environment = { GATE: gate.url };

/** Logs its name, waits at the gate if the name starts with `wait`, and returns the name. */
const tells = async ({ rawQueryString, name = rawQueryString }: { rawQueryString: string; name?: string }) => {
  console.log(`works on ${name}`);
  if (name.startsWith('wait')) await (await fetch(process.env['GATE'] ?? '')).text();
  return { name };
};

const stack = await serve(
  {
    tells: { code: `export const handler = ${tells};`, options: { environment } },
    hurries: {
      code: `export const handler = ${tells};`,
      integrationTimeout: Duration.millis(50),
      options: { environment, reservedConcurrentExecutions: 3 },
    },
  },
  { runtime: { maxEnvironments: 1 } },
);
after(() => stack[Symbol.asyncDispose]());

const workedOn = (fn: string) =>
  stack.log.filter((line) => line.fn === fn).map(({ line }) => /works on (\S+)$/.exec(line)?.[1]);

test('a thousand requests are queued, the next ones get 503, and each gets its own response', async (t) => {
  const first = send(`${stack.url}/tells?wait`);
  const { release } = await gate.arrival();
  const names = Array.from({ length: 1100 }, (_, index) => `request-${index}`);
  let refused = 0;
  const { promise: allRefused, resolve: lastRefused } = Promise.withResolvers<void>();
  const answers = names.map(async (name) => {
    const { status, body } = await send(`${stack.url}/tells?${name}`);
    if (status === 503 && ++refused === 101) lastRefused();
    return { name, status, body };
  });
  // They are refused while the others are queued.
  await allRefused;
  release();
  assert.equal((await first).status, 200);
  const ended = await Promise.all(answers);
  assert.deepEqual(
    ended.filter(({ status, body }) => status === 503 && body !== '{"message":"Service Unavailable"}'),
    [],
  );
  const right = ended.filter(({ name, status, body }) => status === 200 && body === JSON.stringify({ name }));
  assert.deepEqual([right.length, refused], [999, 101]);
  t.diagnostic(`evidence: requests under load=${names.length + 1}`);
  t.diagnostic(`evidence: requests under load, refused with 429 or 503=${refused}`);
});

test('a request that was queued too long gets 503, and never runs', async () => {
  const get = (name: string) => send(`${stack.url}/hurries?${name}`);
  const running = get('wait-first');
  const { release } = await gate.arrival();
  const waiting = [get('late'), get('later')];
  for (const { status } of await Promise.all([running, ...waiting])) assert.equal(status, 503);

  // Cancelled requests do not count towards the three concurrent ones: these two are queued behind the first.
  const client = localClient(stack.runtime.lambdaUrl);
  const next = ['next', 'last'].map((name) =>
    client.send(new InvokeCommand({ FunctionName: 'hurries', Payload: JSON.stringify({ name }) })),
  );
  release();
  const results = (await Promise.all(next)).map(({ Payload }) => Payload?.transformToString());
  client.destroy();
  assert.deepEqual(results, ['{"name":"next"}', '{"name":"last"}']);
  const [first, ...rest] = workedOn('hurries');
  assert.deepEqual([first, ...rest.sort()], ['wait-first', 'last', 'next']);
});
