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
import { LoggingFormat } from 'aws-cdk-lib/aws-lambda';
import { Duration } from 'aws-cdk-lib/core';
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
  speaksText: { code: () => console.log('one\ntwo'), options: { loggingFormat: LoggingFormat.TEXT } },
  speaksMuch: { code: () => console.log('x'.repeat(10_000)) },
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

const path = (name: string) => `${lambdaUrl}/2015-03-31/functions/${name}/invocations`;

describe('a function', () => {
  const arn = 'arn:aws:lambda:us-east-1:000000000000:function:echo';
  const names = ['echo', 'echo:$LATEST', 'function:echo', '000000000000:function:echo', arn, `${arn}:$LATEST`];
  for (const name of [...names, 'arn:aws:lambda:eu-central-1:123456789012:function:echo']) {
    test(`is found by ${name}`, async () => {
      const { value, StatusCode, ExecutedVersion, $metadata } = await invoke(name, { Payload: '{"a":1}' });
      assert.deepEqual(value, { a: 1 });
      assert.equal(StatusCode, 200);
      assert.equal(ExecutedVersion, '$LATEST');
      assert.match($metadata.requestId ?? '', /^[0-9a-f-]{36}$/);
    });
  }

  test('is found by a qualifier beside its name', async () => {
    assert.deepEqual((await invoke('echo', { Qualifier: '$LATEST', Payload: '1' })).value, 1);
  });

  for (const [name, Qualifier] of [['nope'], ['echo:live'], ['echo', '7'], [`${arn}:live`]]) {
    test(`is not found by ${name} ${Qualifier ?? ''}`, async () => {
      const error = await refusal(invoke(name ?? '', Qualifier ? { Qualifier } : {}));
      assert.equal(error.name, 'ResourceNotFoundException');
      assert.equal(error.$metadata.httpStatusCode, 404);
      assert.match(error.message, /^Function not found: arn:aws:lambda:us-east-1:000000000000:function:/);
    });
  }

  test('cannot have two qualifiers', async () => {
    const error = await refusal(invoke('echo:$LATEST', { Qualifier: 'live' }));
    assert.equal(error.name, 'InvalidParameterValueException');
  });

  test('cannot have a name that is none', async () => {
    const error = await refusal(invoke('a b'));
    assert.equal(error.name, 'InvalidParameterValueException');
  });
});

describe('a payload', () => {
  test('may be any JSON', async () => {
    for (const json of ['null', '0', '"text"', '[1,{"é":"🎉"}]']) {
      assert.deepEqual((await invoke('echo', { Payload: json })).value, JSON.parse(json));
    }
  });

  test('that is missing is an empty object', async () => {
    assert.deepEqual((await invoke('echo')).value, {});
  });

  test('may come to the path with a slash at its end, and to the host in capitals', async () => {
    const headers = { host: 'LOCALHOST:3001' };
    const { status } = await send(`${path('echo')}/`, { method: 'POST', headers, body: '{}' });
    assert.equal(status, 200);
  });

  test('may come unsigned, without a content type', async () => {
    const { status, body, headers } = await send(path('echo'), { method: 'POST', body: '{"a":1}' });
    assert.equal(status, 200);
    assert.equal(body, '{"a":1}');
    assert.equal(headers['content-type'], 'application/json');
    assert(!Number.isNaN(Date.parse(String(headers['date']))));
  });

  for (const [what, payload] of Object.entries({
    'is not JSON': '{"a":',
    'is not UTF-8': Buffer.from([0x22, 0xff, 0x22]),
  })) {
    test(`that ${what} is refused`, async () => {
      for (const InvocationType of ['RequestResponse', 'Event'] as const) {
        const error = await refusal(invoke('echo', { Payload: payload, InvocationType }));
        assert.equal(error.name, 'InvalidRequestContentException');
        assert.equal(error.$metadata.httpStatusCode, 400);
        assert.match(error.message, /^Could not parse request body into json: /);
      }
    });
  }

  const json = (bytes: number) => JSON.stringify('x'.repeat(bytes - 2));
  const limits = [
    ['RequestResponse', 6_291_456],
    ['Event', 1_048_576],
  ] as const;
  for (const [InvocationType, limit] of limits) {
    test(`of ${limit} bytes is taken for ${InvocationType}, and no byte more`, async () => {
      const { StatusCode } = await invoke('nothing', { Payload: json(limit), InvocationType });
      assert.equal(StatusCode, InvocationType === 'Event' ? 202 : 200);
      const error = await refusal(invoke('nothing', { Payload: json(limit + 1), InvocationType }));
      assert.equal(error.name, 'RequestTooLargeException');
      assert.equal(error.$metadata.httpStatusCode, 413);
    });
  }
});

describe('an invocation type', () => {
  test('Event is answered before the function is', async () => {
    const { StatusCode, value } = await invoke('waits', { InvocationType: 'Event' });
    assert.equal(StatusCode, 202);
    assert.equal(value, undefined);
    (await gate.arrival()).release();
  });

  test('DryRun runs nothing', async () => {
    const { value: before } = await invoke('counts');
    const { StatusCode, Payload } = await invoke('counts', { InvocationType: 'DryRun', Payload: '{}' });
    assert.equal(StatusCode, 204);
    assert(!Payload?.length);
    assert.equal((await invoke('counts')).value, before + 1);
  });

  test('DryRun tells that a function is not there', async () => {
    const error = await refusal(invoke('nope', { InvocationType: 'DryRun' }));
    assert.equal(error.name, 'ResourceNotFoundException');
  });

  test('that is unknown is refused', async () => {
    const headers = { 'x-amz-invocation-type': 'Bogus' };
    const { status, headers: answered, body } = await send(path('echo'), { method: 'POST', headers, body: '{}' });
    assert.equal(status, 400);
    assert.equal(answered['x-amzn-errortype'], 'InvalidParameterValueException');
    assert.match(JSON.parse(body).message, /Member must satisfy enum value set: \[RequestResponse, Event, DryRun\]/);
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

  test('cannot have a client context of more than 3,583 bytes', async () => {
    const error = await refusal(invoke('context', { ClientContext: 'x'.repeat(3584) }));
    assert.equal(error.name, 'InvalidParameterValueException');
  });
});

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

  test('a function that returns nothing gives null', async () => {
    const { FunctionError, Payload } = await invoke('nothing');
    assert.equal(FunctionError, undefined);
    assert.equal(Payload?.transformToString(), 'null');
  });
});

describe('the tail of the log', () => {
  const tail = async (name: string) => {
    const { LogResult = '', $metadata } = await invoke(name, { LogType: 'Tail' });
    const text = Buffer.from(LogResult, 'base64').toString();
    return { text, id: $metadata.requestId ?? '' };
  };

  test('is absent unless it is asked for', async () => {
    assert.equal((await invoke('speaksText')).LogResult, undefined);
  });

  test('has the lines of the function between START, END and REPORT', async () => {
    const { text, id } = await tail('speaksText');
    const [start, line, end, report, rest] = text.split('\n');
    assert.equal(start, `START RequestId: ${id} Version: $LATEST`);
    // The runtime client writes a line end within a message as a carriage return.
    assert.match(line ?? '', new RegExp(`^\\S+\\t${id}\\tINFO\\tone\\rtwo$`));
    assert.equal(end, `END RequestId: ${id}`);
    assert.match(
      report ?? '',
      new RegExp(
        `^REPORT RequestId: ${id}\\tDuration: \\d+\\.\\d\\d ms\\tBilled Duration: \\d+ ms\\tMemory Size: 256 MB\\tMax Memory Used: \\d+ MB\\t`,
      ),
    );
    assert.equal(rest, '');
  });

  test('tells of a time-out', async () => {
    const { text, id } = await tail('hangs');
    assert.match(text, new RegExp(`${id} Task timed out after 1\\.00 seconds\\nEND RequestId: ${id}\\n`));
    assert.match(text, /\tStatus: timeout\t\n$/);
  });

  test('is the last 4 KB', async () => {
    const { text } = await tail('speaksMuch');
    assert.equal(Buffer.byteLength(text), 4096);
    assert.match(text, /^x+\n[\s\S]*REPORT RequestId/);
  });
});

test('a function that is busy to its reserved concurrency answers 429, with a reason and when to try again', async () => {
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

describe('what is not served is refused by name', () => {
  test('InvokeWithResponseStream', async () => {
    const error = await refusal(client.send(new InvokeWithResponseStreamCommand({ FunctionName: 'echo' })));
    assert.equal(error.name, 'UnsupportedOperationException');
    assert.match(error.message, /^InvokeWithResponseStream is not served on this machine\. Served is Invoke/);
  });

  test('ListFunctions', async () => {
    const error = await refusal(client.send(new ListFunctionsCommand({})));
    assert.match(error.message, /^ListFunctions is not served/);
  });

  test('what Lambda has no name for', async () => {
    const { status, body } = await send(`${lambdaUrl}/nope`, { method: 'PUT' });
    assert.equal(status, 501);
    assert.match(JSON.parse(body).Message, /^PUT \/nope is not served/);
  });
});
