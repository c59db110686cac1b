/** Batches of records: the deployed bundle under AWS's runtime client, with an SQS of this test for the answers. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { bundleWithSourceMap } from '../../infra/function-bundle.ts';
import { signatureOf } from '../harness/aws-signature.ts';
import { Contract } from '../harness/contract.ts';
import { Duration } from '../harness/duration.ts';
import { drop, FakeSqs, fail, hang, refuse } from '../harness/fake-sqs.ts';
import { localClient } from '../harness/lambda-client.ts';
import { serve, type TestStack } from '../harness/test-stack.ts';
import { invalidCases, tooLargeCases, validCases } from './feeling.cases.ts';
import { batchOf, type RecordOptions } from './records.cases.ts';

const contract = await Contract.read('feeling');
const queueUrl = 'https://sqs.us-east-1.amazonaws.com/000000000000/feeling-answers-test';

let sqs: FakeSqs;
let stack: TestStack;
let client: LambdaClient;

before(async () => {
  sqs = await FakeSqs.start();
  const code = Buffer.from(bundleWithSourceMap('functions/feeling/records.ts').code).toString();
  const records = (environment: Record<string, string>, seconds = 20) => ({
    code,
    options: { environment, loggingFormat: 'JSON', timeout: Duration.seconds(seconds) },
  });
  stack = await serve({
    records: records({ ANSWERS_QUEUE_URL: queueUrl, AWS_ENDPOINT_URL_SQS: sqs.url, AWS_ENDPOINT_URL: 'http://x.test' }),
    allServices: records({ ANSWERS_QUEUE_URL: queueUrl, AWS_ENDPOINT_URL: `${sqs.url}/sub/` }),
    noEndpoint: records({ ANSWERS_QUEUE_URL: `${sqs.url}/000000000000/feeling-answers-test` }),
    nobodyListens: records({ ANSWERS_QUEUE_URL: queueUrl, AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:1' }),
    impatient: records({ ANSWERS_QUEUE_URL: queueUrl, AWS_ENDPOINT_URL_SQS: sqs.url }, 2),
  });
  client = localClient(stack.runtime.lambdaUrl);
});
after(async () => {
  client.destroy();
  await stack[Symbol.asyncDispose]();
  await sqs[Symbol.asyncDispose]();
});
beforeEach(() => {
  sqs.batches.splice(0);
  sqs.next.splice(0);
  stack.log.splice(0);
});

const valid = (message: string) => JSON.stringify({ emoji_type: 0, message });

/** Invokes the function with a batch. @returns its payload, and the lines that it logged as objects */
async function invoke(event: object, name = 'records') {
  const output = await client.send(new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event) }));
  const lines = stack.log.map(({ line }) => JSON.parse(line));
  return { error: output.FunctionError, payload: JSON.parse(output.Payload?.transformToString() ?? ''), lines };
}

/** Invokes the function with texts. @returns the ids of the records that it returns as failed */
async function failedOf(bodies: (string | RecordOptions)[], name?: string) {
  const { error, payload, lines } = await invoke(batchOf(...bodies), name);
  assert.equal(error, undefined, JSON.stringify(payload));
  assert.deepEqual(Object.keys(payload), ['batchItemFailures']);
  const failed: string[] = payload.batchItemFailures.map(
    ({ itemIdentifier }: { itemIdentifier: string }) => itemIdentifier,
  );
  const messages: Record<string, unknown>[] = lines.map(({ message }) => message);
  return { failed, messages };
}

describe('a valid record', () => {
  for (const { name, json, answer } of validCases) {
    test(`has an answer of the contract: ${name}`, async () => {
      contract.checkQueueRequest(json);
      const { failed } = await failedOf([json]);
      assert.deepEqual(failed, []);
      for (const { bodies } of sqs.batches) for (const body of bodies) contract.checkQueueAnswer(body);
      assert.deepEqual(sqs.messages, [{ id: 'id-0', source: 'aws:sqs', ...answer }]);
    });
  }

  test('is sent as JSON without the characters that SQS refuses', async () => {
    const message = 'a\ufffeb\uffffc\u0000\u000b\ud83cd\u007f\u0085🎉';
    assert.deepEqual((await failedOf([valid(message)])).failed, []);
    const [body = ''] = sqs.batches[0]?.bodies ?? [];
    // docs: API_SendMessageBatch
    assert.match(body, /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u);
    assert.equal(JSON.parse(body).message, message);
  });

  test('has the log line of the other triggers, with its id and source, without the message', async () => {
    const { messages } = await failedOf(['{"emoji_type":5,"message":"secret 🎉"}']);
    assert.deepEqual(messages, [
      { id: 'id-0', source: 'aws:sqs', emoji_type: 5, feeling: 'negative', message_length: 9 },
    ]);
  });

  test('of a canary says so in the log, and nothing but true does', async () => {
    const canary = (value: unknown) => JSON.stringify({ emoji_type: 1, message: 'hi', canary: value });
    const { messages } = await failedOf([canary(true), canary('true'), canary(1), canary(false)]);
    assert.deepEqual(
      messages.map((line) => line['canary']),
      [true, undefined, undefined, undefined],
    );
  });
});

describe('an invalid record', () => {
  const cases = [
    ...invalidCases.map(({ name, json, errors }) => ({
      name,
      json,
      said: errors.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; '),
    })),
    ...tooLargeCases.map(({ name, json }) => ({
      name,
      json,
      said: '# must have at most 1,048,576 bytes, at most 65,536 of them outside strings',
    })),
    ...['', 'secret', '{"emoji_type":0,"message":"secret"', `\ufeff${valid('secret')}`].map((json) => ({
      name: `no JSON: ${json}`,
      json,
      said: '# must be JSON',
    })),
  ];
  for (const { name, json, said } of cases) {
    test(`is returned and logged with its error, and the others are answered: ${name}`, async () => {
      const { failed, messages } = await failedOf([valid('a'), json, valid('b')]);
      assert.deepEqual(failed, ['id-1']);
      assert.deepEqual(
        sqs.messages.map((message) => Object(message).message),
        ['a', 'b'],
      );
      assert.deepEqual(
        messages.filter(({ errorType }) => errorType),
        [{ id: 'id-1', source: 'aws:sqs', errorType: 'InvalidEvent', errorMessage: said }],
      );
      assert.doesNotMatch(JSON.stringify(messages), /secret/);
    });
  }

  test('alone sends nothing', async () => {
    assert.deepEqual((await failedOf(['{}'])).failed, ['id-0']);
    assert.deepEqual(sqs.batches, []);
  });
});

test('an empty batch sends nothing', async () => {
  assert.deepEqual((await failedOf([])).failed, []);
  assert.deepEqual(sqs.batches, []);
});

test('a record of another source fails the batch, which Lambda then retries', async () => {
  const event = batchOf(valid('a'));
  for (const record of event.Records) record.eventSource = 'aws:kinesis';
  const { error, payload } = await invoke(event);
  assert.equal(error, 'Unhandled');
  assert.match(payload.errorMessage, /^Records of aws:kinesis have no line in functions\/feeling\/envelope\.ts$/);
  assert.deepEqual(sqs.batches, []);
});

describe('SendMessageBatch', () => {
  test('is signed with the credentials of the function', async () => {
    await failedOf([valid('é 🎉')]);
    const [batch = assert.fail()] = sqs.batches;
    const { headers, path, queueUrl: sentTo } = batch;
    assert.equal(path, '/');
    assert.equal(sentTo, queueUrl);
    assert.equal(headers['x-amz-target'], 'AmazonSQS.SendMessageBatch');
    assert.equal(headers['content-type'], 'application/x-amz-json-1.0');
    assert.equal(headers['x-amz-security-token'], 'local');
    const [, key, region, service, signed, signature] =
      /^AWS4-HMAC-SHA256 Credential=(\w+)\/\d{8}\/([\w-]+)\/(\w+)\/aws4_request, SignedHeaders=([\w;-]+), Signature=(\w+)$/.exec(
        headers.authorization ?? '',
      ) ?? assert.fail(headers.authorization);
    assert.deepEqual([key, region, service], ['LOCAL', 'us-east-1', 'sqs']);
    assert.match(signed ?? '', /host.*x-amz-date.*x-amz-security-token/);
    assert.equal(signature, signatureOf(batch, 'local'));
  });

  test('goes to AWS_ENDPOINT_URL without AWS_ENDPOINT_URL_SQS, and else to the origin of the queue', async () => {
    assert.deepEqual((await failedOf([valid('a')], 'allServices')).failed, []);
    assert.equal(sqs.batches[0]?.path, '/sub/');
    assert.deepEqual((await failedOf([valid('b')], 'noEndpoint')).failed, []);
    assert.equal(sqs.batches[1]?.path, '/');
    for (const batch of sqs.batches) assert(batch.headers.authorization?.includes(signatureOf(batch, 'local')));
  });

  test('has ten messages at most', async () => {
    const texts = Array.from({ length: 25 }, (_, n) => valid(`${n}`));
    assert.deepEqual((await failedOf(texts)).failed, []);
    assert.deepEqual(sqs.batches.map(({ bodies }) => bodies.length).sort(), [10, 10, 5]);
    assert.equal(new Set(sqs.messages.map((message) => Object(message).id)).size, 25);
  });

  test('has at most 1 MiB of messages, the longest answers included', async () => {
    // Each takes six bytes for each of its characters.
    const texts = Array.from({ length: 10 }, () => valid('\u0001'.repeat(65_536)));
    assert.deepEqual((await failedOf(texts)).failed, []);
    assert.equal(sqs.messages.length, 10);
    for (const { bodies } of sqs.batches) {
      const bytes = bodies.reduce((sum, body) => sum + Buffer.byteLength(body), 0);
      assert(bytes <= 1_048_576, `${bytes} bytes`);
    }
    assert.equal(sqs.batches.length, 5, 'two answers fit into a request');
  });
});

describe('an answer that is not confirmed', () => {
  const three = [valid('a'), valid('b'), valid('c')];
  const all = ['id-0', 'id-1', 'id-2'];
  /** What the log says of each. */
  const notSent = (ids: string[], errorMessage: string) =>
    ids.map((id) => ({ id, source: 'aws:sqs', errorType: 'AnswerNotSent', errorMessage }));

  test('because SQS refuses it, as too large for one, is returned with the code in the log, and no other is', async () => {
    sqs.next.push(refuse({ index: 1, Code: 'InvalidParameterValue' }));
    const { failed, messages } = await failedOf(three);
    assert.deepEqual(failed, ['id-1']);
    assert.deepEqual(
      messages.filter(({ errorType }) => errorType),
      notSent(['id-1'], 'InvalidParameterValue'),
    );
    assert.equal(messages.filter(({ feeling }) => feeling).length, 2);
  });

  const failures = {
    'AccessDenied, with status 403': {
      next: [fail(403, '{"__type":"com.amazonaws.sqs#AccessDenied","message":"no"}')],
      said: 'AccessDenied',
    },
    'a status 400 without a code': { next: [fail(400, '<html>secret</html>')], said: 'HTTP 400' },
    'status 500 twice': { next: [fail(500, '{"__type":"InternalFailure"}'), fail(503, '')], said: 'HTTP 503' },
    'a connection that breaks twice': { next: [drop, drop], said: 'UND_ERR_SOCKET' },
    'a response that is no JSON': { next: [fail(200, 'secret')], said: 'SyntaxError' },
    'a response that names no message': { next: [fail(200, '{}')], said: 'NotConfirmed' },
  };
  for (const [name, { next, said }] of Object.entries(failures)) {
    test(`because of ${name} is returned with the reason in the log`, async () => {
      sqs.next.push(...next);
      const { failed, messages } = await failedOf(three);
      assert.deepEqual(failed, all);
      assert.deepEqual(messages, notSent(all, said));
      assert.equal(sqs.batches.length, next.length);
    });
  }

  test('because nobody listens is returned with the reason in the log', async () => {
    const { failed, messages } = await failedOf(three, 'nobodyListens');
    assert.deepEqual(failed, all);
    // A port that fetch refuses, by the list of the Fetch standard.
    assert.equal(messages[0]?.['errorType'], 'AnswerNotSent');
  });

  test('because SQS does not respond is returned before the function times out', async () => {
    sqs.next.push(hang);
    const { failed, messages } = await failedOf(three, 'impatient');
    assert.deepEqual(failed, all);
    assert.deepEqual(messages, notSent(all, 'TimeoutError'));
  });

  test('in one request of several is returned, and those in the others are not', async () => {
    sqs.next.push(fail(400, '{}'));
    const { failed } = await failedOf(Array.from({ length: 12 }, (_, n) => valid(`${n}`)));
    const [refused = assert.fail()] = sqs.batches;
    assert.deepEqual(
      failed,
      refused.bodies.map((body) => JSON.parse(body).id),
    );
  });

  for (const [name, first] of Object.entries({ 'status 500': fail(500, '{}'), 'a broken connection': drop })) {
    test(`at first because of ${name} is sent once more`, async () => {
      sqs.next.push(first);
      assert.deepEqual((await failedOf(three)).failed, []);
      assert.equal(sqs.batches.length, 2);
      assert.deepEqual(sqs.batches[0]?.bodies, sqs.batches[1]?.bodies);
    });
  }
});

test('a message that is twice in a batch is answered twice', async () => {
  const twice = { body: valid('a'), messageId: 'same' };
  sqs.next.push(refuse({ index: 1, Code: 'InternalError' }));
  const { failed } = await failedOf([twice, twice, valid('b')]);
  assert.deepEqual(failed, ['same']);
  assert.equal(sqs.messages.length, 3);
});

describe('the records of a FIFO queue', () => {
  const fifo = (body: string, group: string) => ({ body, group, queue: 'reactions.fifo' });

  test('after an invalid one of their group wait; other groups do not', async () => {
    const { failed, messages } = await failedOf([
      fifo(valid('a1'), 'a'),
      fifo('{}', 'a'),
      fifo(valid('b1'), 'b'),
      fifo(valid('a2'), 'a'),
    ]);
    assert.deepEqual(failed, ['id-1', 'id-3']);
    assert.deepEqual(
      sqs.messages.map((message) => Object(message).message),
      ['a1', 'b1'],
    );
    assert.equal(messages[3]?.['errorType'], 'GroupHasFailed');
  });

  test('after one whose answer is not sent are returned too', async () => {
    sqs.next.push(refuse({ index: 0, Code: 'InternalError' }));
    const { failed } = await failedOf([fifo(valid('a1'), 'a'), fifo(valid('a2'), 'a'), fifo(valid('b1'), 'b')]);
    assert.deepEqual(failed, ['id-0', 'id-1']);
  });

  test('of a standard queue with message groups have no order: no one waits', async () => {
    const fair = (body: string) => ({ body, group: 'a', queue: 'reactions' });
    assert.deepEqual((await failedOf([fair('{}'), fair(valid('a'))])).failed, ['id-0']);
  });
});
