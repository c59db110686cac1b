/** Batches of records: which are answered and which are returned, and what the log says. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { Contract } from '../harness/contract.ts';
import { refuse } from '../harness/fake-sqs.ts';
import { invalidCases, tooLargeCases, validCases } from './feeling.cases.ts';
import { batchOf } from './records.cases.ts';
import { type ServedRecords, serveRecords, valid } from './served-records.ts';

const contract = await Contract.read('feeling');

let served: ServedRecords;
before(async () => {
  served = await serveRecords();
});
after(() => served[Symbol.asyncDispose]());
beforeEach(() => served.clear());

describe('a valid record', () => {
  for (const { name, json, answer } of validCases) {
    test(`has an answer of the contract: ${name}`, async () => {
      contract.checkQueueRequest(json);
      const { failed } = await served.failedOf([json]);
      assert.deepEqual(failed, []);
      for (const { bodies } of served.sqs.batches) for (const body of bodies) contract.checkQueueAnswer(body);
      assert.deepEqual(served.sqs.messages, [{ id: 'id-0', source: 'aws:sqs', ...answer }]);
    });
  }

  test('is sent as JSON without the characters that SQS refuses', async () => {
    const message = 'a\ufffeb\uffffc\u0000\u000b\ud83cd\u007f\u0085🎉';
    assert.deepEqual((await served.failedOf([valid(message)])).failed, []);
    const [body = ''] = served.sqs.batches[0]?.bodies ?? [];
    // docs: API_SendMessageBatch
    assert.match(body, /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u);
    assert.equal(JSON.parse(body).message, message);
  });

  test('has the log line of the other triggers, with its id and source, without the message', async () => {
    const { messages } = await served.failedOf(['{"emoji_type":5,"message":"secret 🎉"}']);
    assert.deepEqual(messages, [
      { id: 'id-0', source: 'aws:sqs', emoji_type: 5, feeling: 'negative', message_length: 9 },
    ]);
  });

  test('of a canary says so in the log, and nothing but true does', async () => {
    const canary = (value: unknown) => JSON.stringify({ emoji_type: 1, message: 'hi', canary: value });
    const { messages } = await served.failedOf([canary(true), canary('true'), canary(1), canary(false)]);
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
      const { failed, messages } = await served.failedOf([valid('a'), json, valid('b')]);
      assert.deepEqual(failed, ['id-1']);
      assert.deepEqual(
        served.sqs.messages.map((message) => Object(message).message),
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
    assert.deepEqual((await served.failedOf(['{}'])).failed, ['id-0']);
    assert.deepEqual(served.sqs.batches, []);
  });
});

test('an empty batch sends nothing', async () => {
  assert.deepEqual((await served.failedOf([])).failed, []);
  assert.deepEqual(served.sqs.batches, []);
});

test('a record of another source fails the batch, which Lambda then retries', async () => {
  const event = batchOf(valid('a'));
  for (const record of event.Records) record.eventSource = 'aws:kinesis';
  const { error, payload } = await served.invoke(event);
  assert.equal(error, 'Unhandled');
  assert.match(payload.errorMessage, /^Records of aws:kinesis have no line in functions\/feeling\/envelope\.ts$/);
  assert.deepEqual(served.sqs.batches, []);
});

test('a message that is twice in a batch is answered twice', async () => {
  const twice = { body: valid('a'), messageId: 'same' };
  served.sqs.next.push(refuse({ index: 1, Code: 'InternalError' }));
  const { failed } = await served.failedOf([twice, twice, valid('b')]);
  assert.deepEqual(failed, ['same']);
  assert.equal(served.sqs.messages.length, 3);
});

describe('the records of a FIFO queue', () => {
  const fifo = (body: string, group: string) => ({ body, group, queue: 'reactions.fifo' });

  test('after an invalid one of their group wait; other groups do not', async () => {
    const { failed, messages } = await served.failedOf([
      fifo(valid('a1'), 'a'),
      fifo('{}', 'a'),
      fifo(valid('b1'), 'b'),
      fifo(valid('a2'), 'a'),
    ]);
    assert.deepEqual(failed, ['id-1', 'id-3']);
    assert.deepEqual(
      served.sqs.messages.map((message) => Object(message).message),
      ['a1', 'b1'],
    );
    assert.equal(messages[3]?.['errorType'], 'GroupHasFailed');
  });

  test('after one whose answer is not sent are returned too', async () => {
    served.sqs.next.push(refuse({ index: 0, Code: 'InternalError' }));
    const { failed } = await served.failedOf([fifo(valid('a1'), 'a'), fifo(valid('a2'), 'a'), fifo(valid('b1'), 'b')]);
    assert.deepEqual(failed, ['id-0', 'id-1']);
  });

  test('of a standard queue with message groups have no order: no one waits', async () => {
    const fair = (body: string) => ({ body, group: 'a', queue: 'reactions' });
    assert.deepEqual((await served.failedOf([fair('{}'), fair(valid('a'))])).failed, ['id-0']);
  });
});
