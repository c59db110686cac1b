/**
 * Direct invocation as an AWS SDK sees it: of the function served here, or of the deployed one of
 * `npm run test:deployed` (at LAMBDA_ENDPOINT_URL if that is set, else on AWS).
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { InvokeCommand, type InvokeCommandInput, LambdaClient } from '@aws-sdk/client-lambda';
import { Contract } from '../harness/contract.ts';
import { deployedFunction, deployedStage } from '../harness/deployed.ts';
import { type ServedStack, type SynthesisedStack, serveStack, synthesiseStack } from '../harness/feeling-api.ts';
import { localClient } from '../harness/lambda-client.ts';
import { invalidCases, tooLargeCases, validCases } from './feeling.cases.ts';

const contract = await Contract.read('feeling');
const localOnly = deployedFunction ? { skip: 'this reads the log of the local runtime' } : {};

let stack: SynthesisedStack | undefined;
let api: ServedStack | undefined;
let client: LambdaClient;

before(async () => {
  if (deployedFunction) {
    const endpoint = process.env['LAMBDA_ENDPOINT_URL'];
    client = new LambdaClient(endpoint ? { endpoint } : {});
    return;
  }
  stack = await synthesiseStack();
  api = await serveStack(stack.directory);
  client = localClient(api.runtime.lambdaUrl);
});
after(async () => {
  client.destroy();
  await api?.[Symbol.asyncDispose]();
  await stack?.[Symbol.asyncDispose]();
});

/** Invokes the function, and holds the payload that comes back against the contract. */
async function invoke(Payload: string, more: Partial<InvokeCommandInput> = {}) {
  const FunctionName = deployedFunction ?? 'feeling-direct-dev';
  const output = await client.send(new InvokeCommand({ FunctionName, Payload, ...more }));
  const payload = output.Payload?.transformToString() ?? '';
  if (payload) contract.checkDirect(payload, output.FunctionError !== undefined);
  return { ...output, payload };
}

describe('a valid event', () => {
  for (const { name, json, answer } of validCases) {
    test(name, async () => {
      const { StatusCode, FunctionError, ExecutedVersion, payload } = await invoke(json);
      assert.equal(StatusCode, 200);
      assert.equal(FunctionError, undefined);
      assert.match(ExecutedVersion ?? '', deployedFunction ? /^(\$LATEST|\d+)$/ : /^\$LATEST$/);
      assert.deepEqual(JSON.parse(payload), answer);
    });
  }
});

describe('an event that does not match the schema', () => {
  for (const { name, json, errors } of invalidCases) {
    test(`is an InvalidEvent that points at each fault: ${name}`, async () => {
      const { StatusCode, FunctionError, payload } = await invoke(json);
      assert.equal(StatusCode, 200);
      assert.equal(FunctionError, 'Unhandled');
      const { errorType, errorMessage } = JSON.parse(payload);
      assert.equal(errorType, 'InvalidEvent');
      assert.equal(errorMessage, errors.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; '));
    });
  }

  test('no payload is an empty event', async () => {
    const { payload } = await invoke('');
    assert.equal(JSON.parse(payload).errorType, 'InvalidEvent');
  });
});

describe('an event that is too large', () => {
  for (const { name, json } of tooLargeCases) {
    test(`is an InvalidEvent: ${name}`, async () => {
      const { StatusCode, FunctionError, payload } = await invoke(json);
      assert.equal(StatusCode, 200);
      assert.equal(FunctionError, 'Unhandled');
      const { errorType, errorMessage } = JSON.parse(payload);
      assert.equal(errorType, 'InvalidEvent');
      assert.equal(errorMessage, '# must have at most 1,048,576 bytes, at most 65,536 of them outside strings');
    });
  }
});

test('--log-type Tail gives the log line', async () => {
  const { LogResult = '' } = await invoke('{"emoji_type":1,"message":"hi"}', { LogType: 'Tail' });
  const lines = Buffer.from(LogResult, 'base64').toString().trimEnd().split('\n');
  const told = lines.map((text) => JSON.parse(text));
  const [start, report] = [told.at(0), told.at(-1)];
  assert.equal(start.type, 'platform.start');
  assert.equal(report.type, 'platform.report');
  if (!['TRACE', 'DEBUG', 'INFO'].includes(deployedStage?.logLevel ?? 'INFO')) {
    assert.equal(told.length, 2, 'the stage logs no INFO');
    return;
  }
  const [, line] = told;
  assert.deepEqual(line.message, { emoji_type: 1, feeling: 'neutral', message_length: 2 });
  assert.equal(report.record.requestId, line.requestId);
});

describe('the log', localOnly, () => {
  test('has one line for an answer, as through the HTTP door', async () => {
    api?.log.splice(0);
    await invoke('{"emoji_type":5,"message":"secret 🎉"}');
    assert.deepEqual(
      api?.log.map((line) => JSON.parse(line).message),
      [{ emoji_type: 5, feeling: 'negative', message_length: 9 }],
    );
  });

  test('has one line for a refused event, with the name of the error and no word of the event', async () => {
    api?.log.splice(0);
    await invoke('{"emoji_type":"secret","message":7,"secret":1}');
    const [line, ...more] = (api?.log ?? []).map((text) => JSON.parse(text));
    assert.equal(more.length, 0);
    assert.equal(line.level, 'ERROR');
    assert.equal(line.message.errorType, 'InvalidEvent');
    assert.doesNotMatch(JSON.stringify(line), /secret/);
  });

  test('has the line of an event that nobody waited for', async () => {
    const line = once(api?.lines ?? assert.fail(), 'line');
    const { StatusCode, payload } = await invoke('{"emoji_type":0,"message":"later"}', { InvocationType: 'Event' });
    assert.equal(StatusCode, 202);
    assert.equal(payload, '');
    assert.deepEqual(JSON.parse((await line)[0]).message, { emoji_type: 0, feeling: 'positive', message_length: 5 });
  });

  test('has no line of a dry run', async () => {
    api?.log.splice(0);
    const { StatusCode } = await invoke('{"emoji_type":0,"message":"never"}', { InvocationType: 'DryRun' });
    assert.equal(StatusCode, 204);
    await invoke('{"emoji_type":0,"message":"then"}');
    assert.equal(api?.log.length, 1);
  });
});
