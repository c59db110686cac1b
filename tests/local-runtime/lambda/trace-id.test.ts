import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import request from 'supertest';
import { localClient } from '../../harness/lambda-client.ts';
import { serveByHand } from '../../harness/serve-by-hand.ts';
import { invoke, serve } from '../../harness/test-stack.ts';

const stack = await serve({
  trace: {
    route: 'GET /trace',
    code: (_event, context) => [process.env['_X_AMZN_TRACE_ID'], Reflect.get(context, 'xRayTraceId')],
  },
});
after(() => stack[Symbol.asyncDispose]());
const client = localClient(stack.runtime.lambdaUrl);
after(() => client.destroy());

describe('on Lambda, every invocation has a trace id', () => {
  const pattern = /^(Root=1-[0-9a-f]{8}-[0-9a-f]{24});Parent=[0-9a-f]{16};Sampled=([01]);Lineage=1:[0-9a-f]{8}:0$/;
  const root = 'Root=1-5759e988-bd862e3fe1be46a994272793';

  /** @aws 8.4: Every invocation has a trace id, in the environment and in the context. */
  test('in the environment and in the context, a new one each time', async () => {
    const pool = stack.pool('trace');
    const [one, two] = [(await invoke(pool)).payload, (await invoke(pool)).payload];
    for (const [variable, context] of [one, two]) {
      assert.match(variable, pattern);
      assert.equal(variable, context);
    }
    assert.notEqual(pattern.exec(one[0])?.[1], pattern.exec(two[0])?.[1]);
  });

  for (const [caller, sampled] of [
    [root, '0'],
    [`${root};Parent=53995c3f42cd8ad8;Sampled=1`, '1'],
    [`Self=1-67891234-12456789abcdef012345678;${root};Sampled=0`, '0'],
  ] as const) {
    /** @aws 8.4: The trace id has the root of the caller's. */
    test(`with the root of the caller: ${caller}`, async () => {
      const command = new InvokeCommand({ FunctionName: 'trace' });
      command.middlewareStack.add(
        (next) => (args) => {
          Object.assign(Reflect.get(args.request as object, 'headers'), { 'x-amzn-trace-id': caller });
          return next(args);
        },
        { step: 'build' },
      );
      const { Payload } = await client.send(command);
      const [variable] = JSON.parse(Payload?.transformToString() ?? '');
      assert.match(variable, pattern);
      const [, ownRoot, ownSampled] = pattern.exec(variable) ?? [];
      assert.deepEqual([ownRoot, ownSampled], [root, sampled]);
    });
  }

  /** @aws 8.4: A function behind the HTTP API has the root of the request's `x-amzn-trace-id`. */
  test('with the root of the HTTP request, or a new one', async () => {
    const get = () => request(stack.url).get('/trace');
    for (const variable of [(await get()).body[0], (await get().set('x-amzn-trace-id', root)).body[0]]) {
      assert.match(variable, pattern);
    }
    const { body } = await get().set('x-amzn-trace-id', root);
    assert.equal(pattern.exec(body[0])?.[1], root);
  });

  /** @aws 8.4: All attempts of an asynchronous event have one root. @unknown */
  test('the same root for each attempt of an asynchronous event', async () => {
    const code = "export const handler = () => { throw new Error(process.env._X_AMZN_TRACE_ID ?? 'none'); };";
    await using served = await serveByHand({ fails: { code, options: { retryAttempts: 1 } } });
    await served.accept('fails', '{}');
    await served.clock.waiting(1);
    const end = served.end();
    served.clock.advance(60_000);
    await end;
    const roots = served.log.flatMap(({ line }) => /"errorMessage":"(Root=[^;]+);Parent=/.exec(line)?.[1] ?? []);
    assert.equal(roots.length, 2);
    assert.equal(roots[0], roots[1]);
  });
});
