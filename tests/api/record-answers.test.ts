/** How the answers of records are sent, and what is returned if SQS does not confirm them. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { signatureOf } from '../harness/aws-signature.ts';
import { drop, fail, hang, refuse } from '../harness/fake-sqs.ts';
import { queueUrl, type ServedRecords, serveRecords, valid } from './served-records.ts';

let served: ServedRecords;
before(async () => {
  served = await serveRecords();
});
after(() => served[Symbol.asyncDispose]());
beforeEach(() => served.clear());

describe('SendMessageBatch', () => {
  test('is signed with the credentials of the function', async () => {
    await served.failedOf([valid('é 🎉')]);
    const [batch = assert.fail()] = served.sqs.batches;
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
    assert.deepEqual((await served.failedOf([valid('a')], 'allServices')).failed, []);
    assert.equal(served.sqs.batches[0]?.path, '/sub/');
    assert.deepEqual((await served.failedOf([valid('b')], 'noEndpoint')).failed, []);
    assert.equal(served.sqs.batches[1]?.path, '/');
    for (const batch of served.sqs.batches) assert(batch.headers.authorization?.includes(signatureOf(batch, 'local')));
  });

  test('has ten messages at most', async () => {
    const texts = Array.from({ length: 25 }, (_, n) => valid(`${n}`));
    assert.deepEqual((await served.failedOf(texts)).failed, []);
    assert.deepEqual(served.sqs.batches.map(({ bodies }) => bodies.length).sort(), [10, 10, 5]);
    assert.equal(new Set(served.sqs.messages.map((message) => Object(message).id)).size, 25);
  });

  test('has at most 1 MiB of messages, the longest answers included', async () => {
    // Each takes six bytes for each of its characters.
    const texts = Array.from({ length: 10 }, () => valid('\u0001'.repeat(65_536)));
    assert.deepEqual((await served.failedOf(texts)).failed, []);
    assert.equal(served.sqs.messages.length, 10);
    for (const { bodies } of served.sqs.batches) {
      const bytes = bodies.reduce((sum, body) => sum + Buffer.byteLength(body), 0);
      assert(bytes <= 1_048_576, `${bytes} bytes`);
    }
    assert.equal(served.sqs.batches.length, 5, 'two answers fit into a request');
  });

  test('has 1 MiB of messages in one request, and a byte more in two', async () => {
    const empty = { id: 'id-0', source: 'aws:sqs', feeling: 'positive', message: '' };
    const longest = '\u0001'.repeat(65_536);
    const rest = 1_048_576 - 2 * 6 * longest.length - 3 * Buffer.byteLength(JSON.stringify(empty));
    const last = '\u0001'.repeat(Math.floor(rest / 6)) + 'x'.repeat(rest % 6);
    for (const { message, requests } of [
      { message: last, requests: 1 },
      { message: `${last}x`, requests: 2 },
    ]) {
      served.clear();
      assert.deepEqual((await served.failedOf([valid(longest), valid(longest), valid(message)])).failed, []);
      assert.equal(served.sqs.batches.length, requests);
    }
  });
});

describe('an answer that is not confirmed', () => {
  const three = [valid('a'), valid('b'), valid('c')];
  const all = ['id-0', 'id-1', 'id-2'];
  /** What the log says of each. */
  const notSent = (ids: string[], errorMessage: string) =>
    ids.map((id) => ({ id, source: 'aws:sqs', errorType: 'AnswerNotSent', errorMessage }));

  test('because SQS refuses it, as too large for one, is returned with the code in the log, and no other is', async () => {
    served.sqs.next.push(refuse({ index: 1, Code: 'InvalidParameterValue' }));
    const { failed, messages } = await served.failedOf(three);
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
      served.sqs.next.push(...next);
      const { failed, messages } = await served.failedOf(three);
      assert.deepEqual(failed, all);
      assert.deepEqual(messages, notSent(all, said));
      assert.equal(served.sqs.batches.length, next.length);
    });
  }

  test('because nobody listens is returned with the reason in the log', async () => {
    const { failed, messages } = await served.failedOf(three, 'nobodyListens');
    assert.deepEqual(failed, all);
    // A port that fetch refuses, by the list of the Fetch standard.
    assert.equal(messages[0]?.['errorType'], 'AnswerNotSent');
  });

  test('because SQS does not respond is returned before the function times out', async () => {
    served.sqs.next.push(hang);
    const { failed, messages } = await served.failedOf(three, 'impatient');
    assert.deepEqual(failed, all);
    assert.deepEqual(messages, notSent(all, 'TimeoutError'));
  });

  test('in one request of several is returned, and those in the others are not', async () => {
    served.sqs.next.push(fail(400, '{}'));
    const { failed } = await served.failedOf(Array.from({ length: 12 }, (_, n) => valid(`${n}`)));
    const [refused = assert.fail()] = served.sqs.batches;
    assert.deepEqual(
      failed,
      refused.bodies.map((body) => JSON.parse(body).id),
    );
  });

  for (const [name, first] of Object.entries({ 'status 500': fail(500, '{}'), 'a broken connection': drop })) {
    test(`at first because of ${name} is sent once more`, async () => {
      served.sqs.next.push(first);
      assert.deepEqual((await served.failedOf(three)).failed, []);
      assert.equal(served.sqs.batches.length, 2);
      assert.deepEqual(served.sqs.batches[0]?.bodies, served.sqs.batches[1]?.bodies);
    });
  }
});
