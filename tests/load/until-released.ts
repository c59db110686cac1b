import assert from 'node:assert/strict';
import { KeepAlive } from './keep-alive.ts';
import { feelingApi } from './load.ts';
import { childrenOf, socketsAndPipesOf } from './process-facts.ts';
import type { StartedApi } from './started-api.ts';

/** The output of an environment, its errors, its channel, its telemetry, and where its Runtime API listens. */
const socketsAndPipesOfEnvironment = 5;

/**
 * Waits until `npm start` has seen that clients and environments are gone: each request is a step of its event loop.
 * @throws {AssertionError} when after a thousand of them it has more sockets and pipes open than its environments need.
 */
export async function untilReleased(api: StartedApi): Promise<void> {
  const { path, headers, body } = feelingApi(api.url);
  let open = 0;
  let needed = 0;
  for (let tries = 0; tries < 1000; tries++) {
    const client = await KeepAlive.to(api.url);
    assert.equal((await client.post(path, headers, body('released?', 0)))?.status, 200);
    client.close();
    const environments = (await childrenOf(api.pid)).filter((child) => child.function !== '');
    needed = api.socketsAndPipes + environments.length * socketsAndPipesOfEnvironment;
    open = await socketsAndPipesOf(api.pid);
    if (open <= needed) return;
  }
  assert.fail(`${open} sockets and pipes are open, not ${needed}`);
}
