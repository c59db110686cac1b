/** What a function sees of its environment, and what becomes of its output. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
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
  tellsJsonEnvironment: {
    code: () => process.env,
    options: { loggingFormat: 'JSON', applicationLogLevelV2: 'WARN' },
  },
  tellsContext: { code: (_event, context) => ({ ...context, remaining: context.getRemainingTimeInMillis() }) },
  tellsEvent: { code: (event) => event },
  tellsNothing: { code: () => {} },
  asksByHttp: {
    code: (event) => event,
    options: { environment: { AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1: 'true' } },
  },
  tellsTask: { code: () => ({ cwd: process.cwd(), version: process.version }) },
  writesText: { code: writes },
  writesJson: {
    code: writes,
    options: { loggingFormat: 'JSON', applicationLogLevelV2: 'INFO' },
  },
  writesAll: {
    code: writes,
    options: { loggingFormat: 'JSON', applicationLogLevelV2: 'DEBUG' },
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
        // By then it has responded, too.
        setImmediate(() => writeFileSync(done, ''));
      };`,
  },
  writesAtInit: { code: "console.log('ready'); export const handler = () => console.log('at work');" },
});
after(() => stack[Symbol.asyncDispose]());

const linesOf = (name: string) => stack.log.filter(({ fn }) => fn === name);

describe('a function sees', () => {
  /** @aws 8.4: A function has Lambda's environment variables and those of its template. @here paths of the code and of Node.js are those of this machine. */
  /** @aws 4: The credentials are those of the function's role. @here they are valid nowhere. */
  /** @aws 8.4: `AWS_XRAY_DAEMON_ADDRESS` leads to a daemon. @here nothing listens there. */
  test('a function sees the environment variables of Lambda and of its template, and no other', async () => {
    const { payload } = await invoke(stack.pool('tellsEnvironment'));
    const { AWS_LAMBDA_RUNTIME_API, AWS_LAMBDA_LOG_STREAM_NAME, TMPDIR, _X_AMZN_TRACE_ID, ...rest } = payload;
    assert.match(AWS_LAMBDA_RUNTIME_API, /^127\.0\.0\.1:\d+$/);
    assert.match(AWS_LAMBDA_LOG_STREAM_NAME, /^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/);
    assert(TMPDIR.startsWith(tmpdir()));
    assert.match(_X_AMZN_TRACE_ID, /^Root=/);
    const task = stack.runtime.assembly.functions[0]?.directory;
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
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/tellsEnvironment',
      AWS_REGION: 'us-east-1',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_SESSION_TOKEN: 'local',
      AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
      AWS_XRAY_DAEMON_ADDRESS: '169.254.100.1:2000',
      _AWS_XRAY_DAEMON_ADDRESS: '169.254.100.1',
      _AWS_XRAY_DAEMON_PORT: '2000',
      LAMBDA_RUNTIME_DIR: '/var/runtime',
      LAMBDA_TASK_ROOT: task,
      LANG: 'en_US.UTF-8',
      LD_LIBRARY_PATH: `/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:${task}:${task}/lib:/opt/lib`,
      NODE_PATH: `/opt/nodejs/node24/node_modules:/opt/nodejs/node_modules:/var/runtime/node_modules:/var/runtime:${task}`,
      PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin/:/bin:/opt/bin`,
      PWD: task,
      SHLVL: '0',
      _HANDLER: 'tellsEnvironment.handler',
    });
  });

  /** @aws 8.4: `AWS_LAMBDA_LOG_FORMAT` and the level are there only where the format is JSON. */
  test('a function in JSON format sees its format and its level', async () => {
    const { payload } = await invoke(stack.pool('tellsJsonEnvironment'));
    const { AWS_LAMBDA_LOG_FORMAT, AWS_LAMBDA_LOG_LEVEL } = payload;
    assert.deepEqual([AWS_LAMBDA_LOG_FORMAT, AWS_LAMBDA_LOG_LEVEL], ['JSON', 'WARN']);
  });

  /** @aws 4: The context has request id, ARN, version, memory in a string, log group and remaining time. */
  test('a function sees its context', async () => {
    const { payload, requestId } = await invoke(stack.pool('tellsContext'));
    const { logStreamName, remaining, xRayTraceId, ...context } = payload;
    assert.match(xRayTraceId, /^Root=/);
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

  test('a function runs in Node.js 24, in the folder of its code', async () => {
    const { payload } = await invoke(stack.pool('tellsTask'));
    assert.deepEqual(payload, { cwd: stack.runtime.assembly.functions[0]?.directory, version: process.version });
  });

  test('a function gets any JSON as its event, unchanged', async () => {
    const event = { text: 'ü 😀 \u0000 "', nested: [null, true, 1.5, {}], long: 'x'.repeat(5_000_000) };
    const { payload } = await invoke(stack.pool('tellsEvent'), event);
    assert.deepEqual(payload, event);
  });
});

test('a function that returns nothing returns null', async () => {
  const { payload, failed } = await invoke(stack.pool('tellsNothing'));
  assert.deepEqual({ payload, failed }, { payload: null, failed: false });
});

test('a runtime client that uses HTTP is served over HTTP', async () => {
  const pool = stack.pool('asksByHttp');
  for (const cold of [true, false]) {
    const result = await invoke(pool, { a: 'ä' });
    assert.deepEqual({ payload: result.payload, cold: result.cold }, { payload: { a: 'ä' }, cold });
  }
});

describe('output arrives before the response', () => {
  /** @aws 4: A line in Text format: time, request id, level and message, separated by tabs. */
  test('a line in Text format has time, request id, level and message, separated by tabs', async () => {
    const { requestId } = await invoke(stack.pool('writesText'));
    const lines = linesOf('writesText').map(({ line }) => line.replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z/, '<time>'));
    assert.deepEqual(lines.toSorted(), [
      `<time>\t${requestId}\tDEBUG\ta detail`,
      `<time>\t${requestId}\tERROR\t{ awsRequestId: '${requestId}' }`,
      `<time>\t${requestId}\tINFO\ta line\nof two`,
      'raw',
      'unfinished',
    ]);
  });

  /** @aws 4: A line in JSON format is an object, from the level of the template on. */
  test('a line in JSON format is an object, from the level that the template sets', async () => {
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

  test('debug lines appear when the template asks for them', async () => {
    await invoke(stack.pool('writesAll'));
    const [first] = linesOf('writesAll');
    assert.equal(JSON.parse(first?.line ?? '').level, 'DEBUG');
  });

  test('6,000 lines arrive before the response', async () => {
    await invoke(stack.pool('writesMuch'));
    assert.equal(linesOf('writesMuch').length, 6000);
  });

  test('output arrives before the response even if both are ready to be read', async () => {
    const { fn } = stack.pool('writesLast');
    const { promise: result, resolve } = Promise.withResolvers<InvocationResult>();
    const lines: string[] = [];
    const environment = new ExecutionEnvironment(fn, latest, {
      line: (line) => lines.push(line),
      translate: (line) => line,
      changed() {
        if (environment.state !== 'idle' || lines.length > 0) return;
        const done = join(stack.directory, 'done');
        resolve(environment.invoke(invocationOf(fn, { done })));
        // The response comes on the pipe that was just read, which is read first again.
        const deadline = Date.now() + 10_000;
        while (!existsSync(done)) assert(Date.now() < deadline, 'it does not respond');
      },
    });
    await result;
    assert.equal(lines.length, 1);
    await environment.stop();
  });

  test('a line is reported with its request id, and without one during initialisation', async () => {
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
