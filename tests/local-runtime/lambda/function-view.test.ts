/** What a function sees of the world around it, and what is seen of what it writes. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { ApplicationLogLevel, LoggingFormat } from 'aws-cdk-lib/aws-lambda';
import { latest } from '../../../infra/local/aws/arn.ts';
import { ExecutionEnvironment } from '../../../infra/local/lambda/execution-environment.ts';
import type { InvocationResult } from '../../../infra/local/lambda/invocation.ts';
import { type Handler, invocationOf, invoke, serve } from '../../harness/test-stack.ts';

process.env['SECRET_OF_THE_SHELL'] = 'not for functions';

const writes: Handler = async (_event, { awsRequestId }) => {
  console.debug('a detail');
  console.log('a line\nof two');
  console.error({ awsRequestId });
  process.stdout.write('raw\n');
  process.stderr.write('unfinished');
};

const stack = await serve({
  tellsEnvironment: {
    code: () => process.env,
    options: {
      environment: { GREETING: 'hello', TZ: 'Europe/Berlin', NODE_OPTIONS: '--no-deprecation' },
      memorySize: 512,
    },
  },
  tellsContext: { code: (_event, context) => ({ ...context, remaining: context.getRemainingTimeInMillis() }) },
  tellsEvent: { code: (event) => event },
  tellsNothing: { code: () => {} },
  streams: {
    code: `export const handler = awslambda.streamifyResponse(async (event, stream) => {
      console.log('streams');
      for (const part of event) stream.write(part);
      stream.end();
    });`,
  },
  asksByHttp: {
    code: (event) => event,
    options: { environment: { AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1: 'true' } },
  },
  tellsTask: { code: () => ({ cwd: process.cwd(), version: process.version }) },
  writesText: { code: writes },
  writesJson: {
    code: writes,
    options: { loggingFormat: LoggingFormat.JSON, applicationLogLevelV2: ApplicationLogLevel.INFO },
  },
  writesAll: {
    code: writes,
    options: { loggingFormat: LoggingFormat.JSON, applicationLogLevelV2: ApplicationLogLevel.DEBUG },
  },
  writesMuch: {
    code: () => {
      for (let i = 0; i < 3000; i++) {
        process.stdout.write(`${i} ${'x'.repeat(100)}\n`);
        process.stderr.write(`${i} ${'x'.repeat(100)}\n`);
      }
    },
  },
  writesLast: {
    code: `import { writeFileSync } from 'node:fs';
      export const handler = ({ done }) => {
        console.log('at last');
        // By then it has answered, too.
        setImmediate(() => writeFileSync(done, ''));
      };`,
  },
  writesAtInit: { code: "console.log('ready'); export const handler = () => console.log('at work');" },
});
after(() => stack[Symbol.asyncDispose]());

const linesOf = (name: string) => stack.log.filter(({ fn }) => fn === name);

describe('a function sees', () => {
  test('the environment variables of Lambda and of its template, and no other', async () => {
    const { payload } = await invoke(stack.pool('tellsEnvironment'));
    const { AWS_LAMBDA_RUNTIME_API, AWS_LAMBDA_LOG_STREAM_NAME, LAMBDA_TASK_ROOT, ...rest } = payload;
    assert.match(AWS_LAMBDA_RUNTIME_API, /^127\.0\.0\.1:\d+$/);
    assert.match(AWS_LAMBDA_LOG_STREAM_NAME, /^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/);
    assert.equal(LAMBDA_TASK_ROOT, stack.runtime.assembly.functions[0]?.directory);
    delete rest._X_AMZN_TRACE_ID;
    assert.deepEqual(rest, {
      GREETING: 'hello',
      NODE_OPTIONS: '--no-deprecation',
      TZ: 'Europe/Berlin',
      AWS_ACCESS_KEY_ID: 'LOCAL',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
      AWS_LAMBDA_FUNCTION_NAME: 'tellsEnvironment',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_FORMAT: 'Text',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/tellsEnvironment',
      AWS_REGION: 'us-east-1',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_SESSION_TOKEN: 'local',
      LAMBDA_RUNTIME_DIR: '/var/runtime',
      LANG: 'en_US.UTF-8',
      PATH: '/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin',
      _HANDLER: 'tellsEnvironment.handler',
    });
  });

  test('its context', async () => {
    const { payload, requestId } = await invoke(stack.pool('tellsContext'));
    const { logStreamName, remaining, ...context } = payload;
    assert.match(logStreamName, /\[\$LATEST\]/);
    assert(remaining > 0 && remaining <= 20_000, `${remaining} ms are left`);
    assert.deepEqual(context, {
      awsRequestId: requestId,
      functionName: 'tellsContext',
      functionVersion: '$LATEST',
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:tellsContext',
      logGroupName: '/aws/lambda/tellsContext',
      memoryLimitInMB: '256',
    });
  });

  test('the Node.js and the folder that it runs in', async () => {
    const { payload } = await invoke(stack.pool('tellsTask'));
    assert.deepEqual(payload, { cwd: stack.runtime.assembly.functions[0]?.directory, version: process.version });
  });

  test('any JSON as its event, whole', async () => {
    const event = { text: 'ü 😀 \u0000 "', nested: [null, true, 1.5, {}], long: 'x'.repeat(5_000_000) };
    const { payload } = await invoke(stack.pool('tellsEvent'), event);
    assert.deepEqual(payload, event);
  });
});

test('a function that returns nothing returns null', async () => {
  const { payload, failed } = await invoke(stack.pool('tellsNothing'));
  assert.deepEqual({ payload, failed }, { payload: null, failed: false });
});

test('a response that is streamed comes as a whole, and environments that stream go on', async () => {
  const pool = stack.pool('streams');
  for (const cold of [true, false]) {
    const result = await invoke(pool, ['"äb', 'c', 'd"']);
    assert.deepEqual({ payload: result.payload, cold: result.cold }, { payload: 'äbcd', cold });
    assert(linesOf('streams').some(({ requestId }) => requestId === result.requestId));
  }
});

test('a runtime client that is told to ask by HTTP is served by HTTP', async () => {
  const pool = stack.pool('asksByHttp');
  for (const cold of [true, false]) {
    const result = await invoke(pool, { a: 'ä' });
    assert.deepEqual({ payload: result.payload, cold: result.cold }, { payload: { a: 'ä' }, cold });
  }
});

describe('what a function writes comes before its answer', () => {
  test('as text: time, request, level and message, tabs between them', async () => {
    const { requestId } = await invoke(stack.pool('writesText'));
    const lines = linesOf('writesText').map(({ line }) => line.replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z/, '<time>'));
    assert.deepEqual(lines.toSorted(), [
      `<time>\t${requestId}\tDEBUG\ta detail`,
      `<time>\t${requestId}\tERROR\t{ awsRequestId: '${requestId}' }`,
      `<time>\t${requestId}\tINFO\ta line\rof two`,
      'raw',
      'unfinished',
    ]);
  });

  test('as JSON, from the level that the template sets', async () => {
    const { requestId } = await invoke(stack.pool('writesJson'));
    const lines = linesOf('writesJson').flatMap(({ line }) => (line.startsWith('{') ? [JSON.parse(line)] : []));
    assert.deepEqual(
      lines.map(({ timestamp, ...rest }) => rest),
      [
        { level: 'INFO', requestId, message: 'a line\nof two' },
        { level: 'ERROR', requestId, message: { awsRequestId: requestId } },
      ],
    );
  });

  test('as JSON, with the details when the template asks for them', async () => {
    await invoke(stack.pool('writesAll'));
    const [first] = linesOf('writesAll');
    assert.equal(JSON.parse(first?.line ?? '').level, 'DEBUG');
  });

  test('however much it is', async () => {
    await invoke(stack.pool('writesMuch'));
    assert.equal(linesOf('writesMuch').length, 6000);
  });

  test('when the answer is there to be read first', async () => {
    const { fn } = stack.pool('writesLast');
    const { promise: result, resolve } = Promise.withResolvers<InvocationResult>();
    const lines: string[] = [];
    const environment = new ExecutionEnvironment(fn, latest, {
      line: (line) => lines.push(line),
      changed() {
        if (environment.state !== 'idle' || lines.length > 0) return;
        const done = join(stack.directory, 'done');
        resolve(environment.invoke(invocationOf(fn, { done })));
        // What the function says next comes by the channel that has just been read, which is first in the queue.
        const deadline = Date.now() + 10_000;
        while (!existsSync(done)) assert(Date.now() < deadline, 'it does not answer');
      },
    });
    await result;
    assert.equal(lines.length, 1);
    await environment.stop();
  });

  test('with the request that it belongs to', async () => {
    const { requestId } = await invoke(stack.pool('writesAtInit'));
    assert.deepEqual(
      linesOf('writesAtInit').map(({ line, requestId: of }) => ({ text: line.split('\t').at(-1), of })),
      [
        { text: 'ready', of: undefined },
        { text: 'at work', of: requestId },
      ],
    );
  });
});
