/** How a caller names a function, and the other parameters of Invoke (PLATFORM_FACTS 3.3). */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { InvokeCommand, type InvokeCommandInput, LambdaServiceException } from '@aws-sdk/client-lambda';
import { send } from '../../harness/http-client.ts';
import { localClient } from '../../harness/lambda-client.ts';
import { serve } from '../../harness/test-stack.ts';
import { violations } from './parameters.cases.ts';

const functions = {
  echo: { code: (event: object) => event },
  traced: { code: () => process.env['_X_AMZN_TRACE_ID'] },
  logs: { code: () => console.log('trace', process.env['_X_AMZN_TRACE_ID'], 'end') },
  large: { code: () => 'x'.repeat(7_000_000) },
};
const logged = Promise.withResolvers<string>();
const stack = await serve(functions, {
  runtime: { report: (event) => event.event === 'log' && event.function === 'logs' && logged.resolve(event.line) },
});
const anywhere = await serve({ echo: functions.echo }, { runtime: { anyRegion: true } });
const { lambdaUrl } = stack.runtime;
const client = localClient(lambdaUrl);
const anywhereClient = localClient(anywhere.runtime.lambdaUrl);
after(async () => {
  client.destroy();
  anywhereClient.destroy();
  await Promise.all([stack[Symbol.asyncDispose](), anywhere[Symbol.asyncDispose]()]);
});

async function invoke(FunctionName: string, more: Partial<InvokeCommandInput> = {}, sender = client) {
  const output = await sender.send(new InvokeCommand({ FunctionName, ...more }));
  const text = output.Payload?.transformToString();
  return { ...output, value: text ? JSON.parse(text) : undefined };
}

async function refusal(promise: Promise<unknown>) {
  const error = await promise.then(
    () => assert.fail('It was not refused.'),
    (reason: unknown) => reason,
  );
  assert(error instanceof LambdaServiceException, String(error));
  const { name, message, $metadata } = error;
  return { name, message, status: $metadata.httpStatusCode };
}

const path = (name: string) => `${lambdaUrl}/2015-03-31/functions/${encodeURIComponent(name)}/invocations`;
const arn = 'arn:aws:lambda:us-east-1:000000000000:function:echo';

/** @aws 3.1: A function is named by name, `name:qualifier`, partial ARN or ARN, percent-encoded or not. */
describe('a function is found by', () => {
  const names = [
    'echo',
    'echo:$LATEST',
    'function:echo',
    '000000000000:function:echo',
    'us-east-1:000000000000:function:echo',
    arn,
    `${arn}:$LATEST`,
  ];
  for (const name of names) {
    test(name, async () => {
      const { value, StatusCode, ExecutedVersion, $metadata } = await invoke(name, { Payload: '{"a":1}' });
      assert.deepEqual(value, { a: 1 });
      assert.equal(StatusCode, 200);
      assert.equal(ExecutedVersion, '$LATEST');
      assert.match($metadata.requestId ?? '', /^[0-9a-f-]{36}$/);
    });
  }

  test('a name and a Qualifier', async () => {
    assert.deepEqual((await invoke('echo', { Qualifier: '$LATEST', Payload: '1' })).value, 1);
    assert.deepEqual((await invoke(`${arn}:$LATEST`, { Qualifier: '$LATEST', Payload: '1' })).value, 1);
  });

  const foreign = [
    'arn:aws:lambda:eu-central-1:123456789012:function:echo',
    'arn:aws-eusc:lambda:eusc-de-east-1:123456789012:function:echo',
    'arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:echo:$LATEST',
    '123456789012:function:echo',
  ];
  for (const name of foreign) {
    test(`${name} where ARNs of any region and account are accepted`, async () => {
      assert.deepEqual((await invoke(name, { Payload: '1' }, anywhereClient)).value, 1);
    });
  }
});

describe('no function is found by', () => {
  const missing: [name: string, qualifier: string | undefined, arn: string][] = [
    ['nope', undefined, 'nope:$LATEST'],
    [`${arn}s`, undefined, 'echos:$LATEST'],
    ['function:nope', undefined, 'nope:$LATEST'],
    ['nope:live', undefined, 'nope:live'],
    ['echo:live', undefined, 'echo:live'],
    ['echo', '7', 'echo:7'],
    [`${arn}:live`, undefined, 'echo:live'],
    ['echo:$LATEST.PUBLISHED', undefined, 'echo:$LATEST.PUBLISHED'],
    ['echo', '$LATEST.PUBLISHED', 'echo:$LATEST.PUBLISHED'],
  ];
  for (const [name, Qualifier, found] of missing) {
    test(`${name} ${Qualifier ?? ''}`, async () => {
      for (const InvocationType of ['RequestResponse', 'Event', 'DryRun'] as const) {
        assert.deepEqual(await refusal(invoke(name, { InvocationType, ...(Qualifier && { Qualifier }) })), {
          name: 'ResourceNotFoundException',
          message: `Function not found: arn:aws:lambda:us-east-1:000000000000:function:${found}`,
          status: 404,
        });
      }
    });
  }

  for (const region of ['eu-central-1', 'eusc-de-east-1', 'us-gov-west-1', 'us-iso-east-1', 'us-isob-east-1']) {
    /** @aws 3.3: An ARN of another region: 404, `Functions from '…' are not reachable in this region`. */
    test(`an ARN of the region ${region}`, async () => {
      const name = `arn:aws:lambda:${region}:000000000000:function:echo`;
      assert.deepEqual(await refusal(invoke(name)), {
        name: 'ResourceNotFoundException',
        message: `Functions from '${region}' are not reachable in this region ('us-east-1')`,
        status: 404,
      });
    });
  }

  for (const name of [arn.replace('000000000000', '123456789012'), '123456789012:function:echo']) {
    /** @aws 3.3: An ARN of another account: 403 AccessDeniedException. */
    test(`the other account in ${name}`, async () => {
      const { name: error, message, status } = await refusal(invoke(name));
      assert.deepEqual({ error, status }, { error: 'AccessDeniedException', status: 403 });
      assert.match(
        message,
        /^User: \S+ is not authorized to perform: lambda:InvokeFunction on resource: arn:aws:lambda:us-east-1:123456789012:function:echo because no resource-based policy allows the lambda:InvokeFunction action$/,
      );
    });
  }

  test('two different qualifiers', async () => {
    const { name, message } = await refusal(invoke('echo:$LATEST', { Qualifier: 'live' }));
    assert.equal(name, 'InvalidParameterValueException');
    assert.equal(message, 'The derived qualifier from the function name does not match the specified qualifier.');
  });
});

/** @aws 3.3: Violated constraints of the model come first, are counted, and joined with `; `. */
describe('a violated constraint is refused before anything else:', () => {
  for (const { FunctionName, Qualifier, headers = {}, message } of violations) {
    test(message.slice(0, 150), async () => {
      const query = Qualifier === undefined ? '' : `?Qualifier=${encodeURIComponent(Qualifier)}`;
      // A payload that is no JSON is checked later.
      const response = await send(`${path(FunctionName)}${query}`, { method: 'POST', headers, body: 'no JSON' });
      assert.equal(response.status, 400);
      assert.equal(response.headers['x-amzn-errortype'], 'ValidationException');
      assert.equal(response.body, JSON.stringify({ message }));
    });
  }
});

describe('the trace id of an invocation', () => {
  const shape = /^Root=1-[\da-f]{8}-[\da-f]{24};Parent=[\da-f]{16};Sampled=0;Lineage=1:[\da-f]{8}:0$/;

  /** @aws 8.4: Every invocation has a trace id, which Invoke returns. */
  test('is new without one of the caller, and returned to the caller', async () => {
    const { headers, body } = await send(path('traced'), { method: 'POST' });
    assert.match(JSON.parse(body), shape);
    assert.equal(headers['x-amzn-trace-id'], JSON.parse(body));
  });

  test('is also new for an asynchronous event', async () => {
    const headers = { 'x-amz-invocation-type': 'Event' };
    const { headers: received } = await send(path('logs'), { method: 'POST', headers });
    assert.match(String(received['x-amzn-trace-id']), shape);
    const line = await logged.promise;
    assert(line.includes(String(received['x-amzn-trace-id'])), line);
  });

  const root = 'Root=1-5759e988-bd862e3fe1be46a994272793';
  const given: [header: string, sampled: string][] = [
    [root, '0'],
    [`${root};Parent=53995c3f42cd8ad8;Sampled=1`, '1'],
    [`Self=1-67891234-12456789abcdef012345678;${root};Sampled=0`, '0'],
    [`Sampled=1; ${root}`, '1'],
  ];
  for (const [header, sampled] of given) {
    /** @aws 3.3: The trace id keeps the root of the caller's `X-Amzn-Trace-Id`. */
    test(`has the root of ${header}`, async () => {
      const { body } = await send(path('traced'), { method: 'POST', headers: { 'x-amzn-trace-id': header } });
      const [first, parent, third] = JSON.parse(body).split(';');
      assert.deepEqual([first, third], [root, `Sampled=${sampled}`]);
      assert.match(parent, /^Parent=[\da-f]{16}$/);
      assert.notEqual(parent, 'Parent=53995c3f42cd8ad8');
    });
  }
});

/** @aws 3.2: A response of more than 6 MB: `Function.ResponseSizeTooLarge`, with `errorMessage` first. */
test('a response that is too large is reported with errorMessage before errorType', async () => {
  const { body, headers } = await send(path('large'), { method: 'POST' });
  assert.equal(headers['x-amz-function-error'], 'Unhandled');
  assert.match(
    body,
    /^\{"errorMessage":"Response payload size exceeded .*","errorType":"Function\.ResponseSizeTooLarge"\}$/,
  );
});
