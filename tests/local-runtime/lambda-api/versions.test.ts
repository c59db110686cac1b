/** A function, its published version and the alias of that version. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import {
  InvokeCommand,
  type InvokeCommandInput,
  LambdaServiceException,
  TooManyRequestsException,
} from '@aws-sdk/client-lambda';
import request from 'supertest';
import { Duration } from '../../harness/duration.ts';
import { openGate } from '../../harness/gate.ts';
import { localClient } from '../../harness/lambda-client.ts';
import { messages, serveByHand } from '../../harness/serve-by-hand.ts';
import { serve } from '../../harness/test-stack.ts';

const gate = await openGate();
after(() => gate[Symbol.asyncDispose]());

const stack = await serve({
  tells: {
    code: (_event, { functionVersion, invokedFunctionArn, logStreamName }) => ({
      functionVersion,
      invokedFunctionArn,
      variable: process.env['AWS_LAMBDA_FUNCTION_VERSION'],
      logStream: /\[.*\]/.exec(logStreamName)?.[0],
      streamVariable: /\[.*\]/.exec(process.env['AWS_LAMBDA_LOG_STREAM_NAME'] ?? '')?.[0],
    }),
    live: {},
  },
  counts: { code: 'let count = 0; export const handler = () => ++count;', live: {} },
  text: { code: () => {}, options: { loggingFormat: 'Text' }, live: {} },
  json: { code: () => {}, options: { loggingFormat: 'JSON' }, live: {} },
  unpublished: { code: () => {} },
  alone: {
    code: async () => {
      await (await fetch(process.env['GATE'] ?? '')).text();
    },
    options: { environment: { GATE: gate.url }, reservedConcurrentExecutions: 1 },
    live: {},
  },
});
const client = localClient(stack.runtime.lambdaUrl);
after(async () => {
  client.destroy();
  await stack[Symbol.asyncDispose]();
});

async function invoke(FunctionName: string, more: Partial<InvokeCommandInput> = {}) {
  const output = await client.send(new InvokeCommand({ FunctionName, ...more }));
  return { ...output, value: JSON.parse(output.Payload?.transformToString() || 'null') };
}

const arn = 'arn:aws:lambda:us-east-1:000000000000:function:tells';

describe('a function runs as', () => {
  const table: { by: string; parameter?: string; version: string; seen: string }[] = [
    { by: 'tells', version: '$LATEST', seen: arn },
    { by: 'tells:$LATEST', version: '$LATEST', seen: `${arn}:$LATEST` },
    { by: 'tells:1', version: '1', seen: `${arn}:1` },
    { by: 'tells:live', version: '1', seen: `${arn}:live` },
    { by: `${arn}:live`, version: '1', seen: `${arn}:live` },
    { by: '000000000000:function:tells:live', version: '1', seen: `${arn}:live` },
    { by: 'tells', parameter: 'live', version: '1', seen: `${arn}:live` },
    { by: arn, parameter: '1', version: '1', seen: `${arn}:1` },
    { by: 'tells:live', parameter: 'live', version: '1', seen: `${arn}:live` },
  ];
  const sees = (version: string, invokedFunctionArn: string) => ({
    functionVersion: version,
    invokedFunctionArn,
    variable: version,
    logStream: `[${version}]`,
    streamVariable: `[${version}]`,
  });

  for (const { by, parameter, version, seen } of table) {
    test(`version ${version} by ${by}${parameter ? ` and the qualifier ${parameter}` : ''}`, async () => {
      const { value, ExecutedVersion } = await invoke(by, parameter ? { Qualifier: parameter } : {});
      assert.deepEqual(value, sees(version, seen));
      assert.equal(ExecutedVersion, version);
    });
  }

  test('version 1 through a route to its alias', async () => {
    await request(stack.url)
      .get('/tells')
      .expect(200, sees('1', `${arn}:live`));
  });
});

describe('no function is found by', () => {
  for (const name of ['tells:2', 'tells:LIVE', 'tells:prod', 'unpublished:1', 'unpublished:live']) {
    test(name, async () => {
      await assert.rejects(invoke(name), (error) => {
        assert(error instanceof LambdaServiceException);
        assert.equal(error.name, 'ResourceNotFoundException');
        assert.equal(error.message, `Function not found: arn:aws:lambda:us-east-1:000000000000:function:${name}`);
        return true;
      });
    });
  }
});

describe('the log has the version', () => {
  const start = async (name: string) => {
    const { LogResult = '', $metadata } = await invoke(name, { LogType: 'Tail' });
    const [line = ''] = Buffer.from(LogResult, 'base64').toString().split('\n');
    return { line, id: $metadata.requestId };
  };
  for (const [qualifier, version] of [
    ['live', '1'],
    ['$LATEST', '$LATEST'],
  ]) {
    test(`${version} of ${qualifier} in text format`, async () => {
      const { line, id } = await start(`text:${qualifier}`);
      assert.equal(line, `START RequestId: ${id} Version: ${version}`);
    });

    test(`${version} of ${qualifier} in JSON format`, async () => {
      const { line, id } = await start(`json:${qualifier}`);
      assert.deepEqual(JSON.parse(line).record, { requestId: id, version });
    });
  }
});

/** @aws docs:configuration-versions: Each version has execution environments of its own, and an alias uses those of its version. */
test('each version has its own environments, and an alias uses those of its version', async () => {
  const counts = [];
  for (const name of ['counts:live', 'counts', 'counts:1', 'counts:$LATEST', 'counts:live']) {
    counts.push((await invoke(name)).value);
  }
  assert.deepEqual(counts, [1, 1, 2, 2, 3]);
});

/** @aws docs:configuration-concurrency: All versions of a function share its reserved concurrency. */
describe('all versions share the reserved concurrency', () => {
  for (const [busy, other] of [
    ['alone:live', 'alone'],
    ['alone', 'alone:live'],
    ['alone:live', 'alone:1'],
  ] as const) {
    test(`${other} is throttled while ${busy} is busy, and not after`, async () => {
      const first = invoke(busy);
      const arrival = await gate.arrival();
      await assert.rejects(
        invoke(other),
        (error) =>
          error instanceof TooManyRequestsException &&
          error.Reason === 'ReservedFunctionConcurrentInvocationLimitExceeded',
      );
      await request(stack.url).get('/alone').expect(503);
      arrival.release();
      await first;
      const next = invoke(other);
      (await gate.arrival()).release();
      assert.equal((await next).StatusCode, 200);
    });
  }
});

describe('an event', () => {
  const fails = () => {
    throw new RangeError('not today');
  };

  /** @aws 3.4: Each version and alias has its own configuration of asynchronous invocations. */
  test('to an alias is retried as the alias configures, and its record names alias and version', async () => {
    const live = { retryAttempts: 0, hasQueues: true };
    await using served = await serveByHand({ fails: { code: fails, live } });
    const end = served.end();
    const requestId = await served.accept('fails:live', '{}');
    assert.deepEqual(await end, {
      event: 'event-ended',
      function: 'fails',
      requestId,
      condition: 'RetriesExhausted',
      attempts: 1,
      queue: 'fails-live-failures',
    });
    const [record] = await messages(served.runtime, 'fails-live-failures');
    const { requestContext, responseContext } = JSON.parse(record ?? '');
    assert.equal(requestContext.functionArn, 'arn:aws:lambda:us-east-1:000000000000:function:fails:live');
    assert.equal(responseContext.executedVersion, '1');
  });

  test('to an alias is dropped at the maximum age of the alias', async () => {
    await using served = await serveByHand({ fails: { code: fails, live: { maxEventAge: Duration.seconds(100) } } });
    await served.accept('fails:live', '{}');
    assert.deepEqual(await served.clock.waiting(1), [60_000]);
    const end = served.end();
    served.clock.advance(60_000);
    assert.equal((await end).condition, 'EventAgeExceeded');
  });

  const functions = { fails: { code: fails, hasQueues: true, options: { retryAttempts: 0 }, live: {} } };

  for (const name of ['fails:live', 'fails:1']) {
    test(`to ${name} does not use the configuration of $LATEST`, async () => {
      await using served = await serveByHand(functions);
      await served.accept(name, '{}');
      assert.deepEqual(await served.clock.waiting(1), [60_000]);
      served.clock.advance(60_000);
      assert.deepEqual(await served.clock.waiting(1), [120_000]);
      const end = served.end();
      served.clock.advance(120_000);
      const { attempts, queue } = await end;
      assert.deepEqual({ attempts, queue }, { attempts: 3, queue: undefined });
    });
  }

  for (const name of ['fails', 'fails:$LATEST']) {
    test(`to ${name} uses the configuration of $LATEST`, async () => {
      await using served = await serveByHand(functions);
      const end = served.end();
      await served.accept(name, '{}');
      const { attempts, queue } = await end;
      assert.deepEqual({ attempts, queue }, { attempts: 1, queue: 'fails-failures' });
      const [record] = await messages(served.runtime, 'fails-failures');
      const { requestContext, responseContext } = JSON.parse(record ?? '');
      assert.equal(requestContext.functionArn, 'arn:aws:lambda:us-east-1:000000000000:function:fails:$LATEST');
      assert.equal(responseContext.executedVersion, '$LATEST');
    });
  }
});
