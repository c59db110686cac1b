/** The Lambda API, as the AWS SDK and a plain HTTP client see it. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import {
  InvokeCommand,
  type InvokeCommandInput,
  InvokeWithResponseStreamCommand,
  type LambdaClient,
  LambdaServiceException,
  ListFunctionsCommand,
  TooManyRequestsException,
} from '@aws-sdk/client-lambda';
import { Duration } from '../../harness/duration.ts';
import { openGate } from '../../harness/gate.ts';
import { send } from '../../harness/http-client.ts';
import { localClient } from '../../harness/lambda-client.ts';
import { serve } from '../../harness/test-stack.ts';

const gate = await openGate();
after(() => gate[Symbol.asyncDispose]());

const waits = async () => {
  await (await fetch(process.env['GATE'] ?? '')).text();
};

const stack = await serve({
  echo: { code: (event) => event },
  context: {
    code: (_event, { clientContext, awsRequestId, invokedFunctionArn }) => ({
      clientContext,
      awsRequestId,
      invokedFunctionArn,
    }),
  },
  counts: { code: 'let count = 0; export const handler = () => ++count;' },
  nothing: { code: () => undefined },
  throws: {
    code: () => {
      throw new RangeError('boom');
    },
  },
  exits: { code: () => process.exit(3) },
  hangs: {
    code: () => {
      for (;;);
    },
    options: { timeout: Duration.seconds(1) },
  },
  fails: { code: 'throw new Error("not today");' },
  waits: { code: waits, options: { environment: { GATE: gate.url } } },
  alone: { code: waits, options: { environment: { GATE: gate.url }, reservedConcurrentExecutions: 1 } },
});
const { lambdaUrl } = stack.runtime;
const client = localClient(lambdaUrl);
after(async () => {
  client.destroy();
  await stack[Symbol.asyncDispose]();
});

async function invoke(FunctionName: string, more: Partial<InvokeCommandInput> = {}, sender: LambdaClient = client) {
  const output = await sender.send(new InvokeCommand({ FunctionName, ...more }));
  const text = output.Payload?.transformToString();
  return { ...output, value: text ? JSON.parse(text) : undefined };
}

async function refusal(promise: Promise<unknown>): Promise<LambdaServiceException> {
  const error = await promise.then(
    () => assert.fail('It was not refused.'),
    (reason: unknown) => reason,
  );
  assert(error instanceof LambdaServiceException);
  return error;
}

describe('an invocation type', () => {
  /** @aws 3.1: `Event` gets 202 with an empty body at once. */
  test('Event gets its response before the function has ended', async () => {
    const { StatusCode, value } = await invoke('waits', { InvocationType: 'Event' });
    assert.equal(StatusCode, 202);
    assert.equal(value, undefined);
    (await gate.arrival()).release();
  });

  /** @aws docs:lambda-permissions: A caller needs the permission to invoke. @here any caller may, with any credentials or none. */
  /** @aws 3.1: `DryRun` gets 204 and runs nothing. */
  test('DryRun runs nothing', async () => {
    const { value: before } = await invoke('counts');
    const { StatusCode, Payload } = await invoke('counts', { InvocationType: 'DryRun', Payload: '{}' });
    assert.equal(StatusCode, 204);
    assert(!Payload?.length);
    assert.equal((await invoke('counts')).value, before + 1);
  });

  test('DryRun reports that a function does not exist', async () => {
    const error = await refusal(invoke('nope', { InvocationType: 'DryRun' }));
    assert.equal(error.name, 'ResourceNotFoundException');
  });
});

describe('the context', () => {
  test('has the client context, the request id and the ARN', async () => {
    const clientContext = { custom: { who: 'José 🎉' }, env: {} };
    const ClientContext = Buffer.from(JSON.stringify(clientContext)).toString('base64');
    const { value, $metadata } = await invoke('context', { ClientContext });
    assert.deepEqual(value, {
      clientContext,
      awsRequestId: $metadata.requestId,
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:context',
    });
  });

  for (const ClientContext of ['not base64 of JSON', Buffer.from('[1]').toString('base64')]) {
    test(`cannot have the client context ${ClientContext}`, async () => {
      const error = await refusal(invoke('context', { ClientContext }));
      assert.equal(error.name, 'InvalidRequestContentException');
    });
  }

  /** @aws 3.1: A client context has at most 3,583 bytes. */
  test('cannot have a client context of more than 3,583 bytes', async () => {
    const error = await refusal(invoke('context', { ClientContext: 'x'.repeat(3584) }));
    assert.equal(error.name, 'InvalidParameterValueException');
  });
});

/** @aws 3.2: A function error is a 200 with `X-Amz-Function-Error: Unhandled`. */
describe('a function error is a 200 with FunctionError', () => {
  const errors: Record<string, object> = {
    throws: { errorType: 'RangeError', errorMessage: 'boom' },
    exits: {
      errorType: 'Runtime.ExitError',
      errorMessage: 'RequestId: ID Error: Runtime exited with error: exit status 3',
    },
    hangs: { errorType: 'Sandbox.Timedout', errorMessage: 'RequestId: ID Error: Task timed out after 1.00 seconds' },
    fails: { errorType: 'Error', errorMessage: 'not today' },
  };
  for (const [name, expected] of Object.entries(errors)) {
    test(`${name}: ${JSON.stringify(expected)}`, async () => {
      const { StatusCode, FunctionError, value, $metadata } = await invoke(name);
      assert.equal(StatusCode, 200);
      assert.equal(FunctionError, 'Unhandled');
      const { errorType, errorMessage } = value;
      assert.deepEqual({ errorType, errorMessage: errorMessage.replace($metadata.requestId, 'ID') }, expected);
    });
  }

  /** @aws 3.2: A function that returns nothing returns `null`. */
  test('a function that returns nothing returns null', async () => {
    const { FunctionError, Payload } = await invoke('nothing');
    assert.equal(FunctionError, undefined);
    assert.equal(Payload?.transformToString(), 'null');
  });
});

/** @aws 3.3: A throttled invocation: 429 TooManyRequestsException, with a Reason and `Retry-After`. */
test('a function at its reserved concurrency responds with 429, a Reason and Retry-After', async () => {
  const first = invoke('alone');
  const arrival = await gate.arrival();
  const error = await refusal(invoke('alone'));
  assert(error instanceof TooManyRequestsException);
  assert.equal(error.$metadata.httpStatusCode, 429);
  assert.equal(error.Reason, 'ReservedFunctionConcurrentInvocationLimitExceeded');
  assert.equal(error.retryAfterSeconds, '1');
  arrival.release();
  assert.equal((await first).StatusCode, 200);
});

describe('an operation that is not served is refused with its method and path', () => {
  /** @aws 3.1: InvokeWithResponseStream streams a response. @here refused with 501, which names what is served. */
  test('InvokeWithResponseStream', async () => {
    const error = await refusal(client.send(new InvokeWithResponseStreamCommand({ FunctionName: 'echo' })));
    assert.equal(error.name, 'UnsupportedOperationException');
    assert.match(
      error.message,
      /^POST \/2021-11-15\/functions\/echo\/response-streaming-invocations is not served on this machine\. Only Invoke/,
    );
  });

  /** @aws 3.1: The Lambda API has many operations. @here only Invoke is served; others are refused with 501. */
  test('ListFunctions', async () => {
    const error = await refusal(client.send(new ListFunctionsCommand({})));
    assert.match(error.message, /^GET \/2015-03-31\/functions is not served/);
  });

  test('an unknown path', async () => {
    const { status, body } = await send(`${lambdaUrl}/nope`, { method: 'PUT' });
    assert.equal(status, 501);
    assert.match(JSON.parse(body).Message, /^PUT \/nope is not served/);
  });
});
