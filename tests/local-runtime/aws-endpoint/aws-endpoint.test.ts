/** One endpoint for SQS, SNS and EventBridge, beside Lambda: what is served works with the SDK, the rest is refused by name. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { CreateTopicCommand, ListTopicsCommand, PublishBatchCommand, PublishCommand } from '@aws-sdk/client-sns';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { queueClient } from '../../harness/queues.ts';
import { serve } from '../../harness/test-stack.ts';

const queue = { batchSize: 1, topic: { filterPolicy: { mood: ['good'] } }, detailType: 'Reaction' };
const stack = await serve({
  // Its queues are read by nobody but the tests.
  listens: { code: () => {}, hasQueues: true },
  source: { code: (event) => console.log(JSON.stringify(event)), queue },
});
after(() => stack[Symbol.asyncDispose]());
const client = queueClient(stack.runtime.lambdaUrl);
after(() => client[Symbol.dispose]());
const endpoint = stack.runtime.lambdaUrl;

const results = 'listens-results';

const bodies = () =>
  stack.log
    .filter(({ fn }) => fn === 'source')
    .map(({ line }) => JSON.parse(line.split('\t').at(-1) ?? '').Records[0].body);

async function handled(count: number): Promise<string[]> {
  while (bodies().length < count) await new Promise((resolve) => setTimeout(resolve, 10));
  return bodies();
}

async function putEvents(entries: object[]): Promise<{ FailedEntryCount: number; Entries: Record<string, string>[] }> {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AWSEvents.PutEvents' };
  const response = await fetch(endpoint, { method: 'POST', headers, body: JSON.stringify({ Entries: entries }) });
  assert.equal(response.status, 200);
  return response.json() as Promise<{ FailedEntryCount: number; Entries: Record<string, string>[] }>;
}

describe('SQS', () => {
  test('a message has any character that SQS takes, and comes back as it was sent', async () => {
    const body = 'tab\t line\n emoji 🎉 \ue000 \ufffd';
    const QueueUrl = await client.urlOf(results);
    const MessageAttributes = { mood: { DataType: 'String', StringValue: 'gut ü' } };
    await client.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body, MessageAttributes }));
    const [message] = await client.receive(results);
    assert.equal(message?.Body, body);
    assert.equal(message?.MessageAttributes?.['mood']?.StringValue, 'gut ü');
    await client.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle }));
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
    assert.equal((await client.sqs.send(command)).Attributes?.['ApproximateNumberOfMessages'], '0');
  });

  for (const body of ['\u0000', '\u000b', '\ufffe', '\ud800']) {
    test(`a message with ${JSON.stringify(body)} is refused, as it is by SQS`, async () => {
      await assert.rejects(client.send(results, body), { name: 'InvalidMessageContents' });
    });
  }

  test('a message that its consumer gives back is visible at once, and counts its receives', async () => {
    await client.send(results, 'again');
    const QueueUrl = await client.urlOf(results);
    const [first] = await client.receive(results);
    const ReceiptHandle = first?.ReceiptHandle;
    await client.sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    const [second] = await client.receive(results, 0);
    assert.deepEqual([second?.Body, second?.Attributes?.['ApproximateReceiveCount']], ['again', '2']);
    await client.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: second?.ReceiptHandle }));
  });

  test('a poll that waits gets a message as soon as it is sent', async () => {
    const waiting = client.receive(results, 20);
    await client.send(results, 'now');
    const [message] = await waiting;
    assert.equal(message?.Body, 'now');
    await client.sqs.send(
      new DeleteMessageCommand({ QueueUrl: await client.urlOf(results), ReceiptHandle: message?.ReceiptHandle }),
    );
  });

  test('has the queues of the template', async () => {
    const { QueueUrls = [] } = await client.sqs.send(new ListQueuesCommand({}));
    const names = ['listens-failures', 'listens-results', 'source-dead-letters', 'source-queue'];
    for (const name of names) assert(QueueUrls.includes(`${endpoint}/000000000000/${name}`), name);
  });

  test('an operation that would change the template is refused by its name', async () => {
    await assert.rejects(client.sqs.send(new CreateQueueCommand({ QueueName: 'mine' })), {
      name: 'UnknownOperationException',
      message: /^sqs CreateQueue is not served on this machine\. Use .*SendMessage/,
    });
  });
});

describe('SNS', () => {
  const TopicArn = 'arn:aws:sns:us-east-1:000000000000:source-topic';
  const mood = (StringValue: string) => ({ mood: { DataType: 'String', StringValue } });

  test('a message goes to the queue raw, if it matches the filter policy', async () => {
    const before = bodies().length;
    await client.sns.send(new PublishCommand({ TopicArn, Message: 'filtered', MessageAttributes: mood('bad') }));
    await client.sns.send(new PublishCommand({ TopicArn, Message: 'published 🎉', MessageAttributes: mood('good') }));
    const PublishBatchRequestEntries = [{ Id: '1', Message: 'in a batch', MessageAttributes: mood('good') }];
    await client.sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
    assert.deepEqual((await handled(before + 2)).slice(before).toSorted(), ['in a batch', 'published 🎉']);
  });

  test('has the topics of the template, and no other', async () => {
    assert.deepEqual((await client.sns.send(new ListTopicsCommand({}))).Topics, [{ TopicArn }]);
    const other = new PublishCommand({ TopicArn: `${TopicArn}-other`, Message: 'lost' });
    await assert.rejects(client.sns.send(other), { name: 'NotFoundException' });
    await assert.rejects(client.sns.send(new CreateTopicCommand({ Name: 'mine' })), /sns CreateTopic is not served/);
  });
});

describe('EventBridge', () => {
  const event = { Source: 'a.test', DetailType: 'Reaction', EventBusName: 'source-bus' };

  test('the detail of an event that matches goes to the queue as it was sent', async () => {
    const before = bodies().length;
    const Detail = '{ "emoji_type": 1.0, "message": "🎉" }';
    const { FailedEntryCount, Entries } = await putEvents([
      { ...event, DetailType: 'Other', Detail: '{"other":true}' },
      { ...event, Detail },
    ]);
    assert.equal(FailedEntryCount, 0);
    assert.equal(new Set(Entries.map(({ EventId }) => EventId)).size, 2);
    await putEvents([{ ...event, Detail: '{"last":true}' }]);
    assert.deepEqual((await handled(before + 2)).slice(before).toSorted(), [Detail, '{"last":true}'].toSorted());
  });

  const wrong: [string, object, string][] = [
    ['no detail', event, 'InvalidArgument'],
    ['a detail that is not JSON', { ...event, Detail: '{' }, 'MalformedDetail'],
    ['a detail that is no object', { ...event, Detail: '[1]' }, 'MalformedDetail'],
    ['no source', { ...event, Source: undefined, Detail: '{}' }, 'InvalidArgument'],
    [
      'a bus that the stack does not have',
      { ...event, EventBusName: 'other', Detail: '{}' },
      'ResourceNotFoundException',
    ],
  ];
  for (const [what, entry, code] of wrong) {
    test(`an event with ${what} is refused by itself`, async () => {
      const { FailedEntryCount, Entries } = await putEvents([entry, { ...event, DetailType: 'Other', Detail: '{}' }]);
      assert.equal(FailedEntryCount, 1);
      assert.equal(Entries[0]?.['ErrorCode'], code);
      assert(Entries[1]?.['EventId']);
    });
  }
});

describe('refuses', () => {
  async function post(headers: Record<string, string>, body = '{}') {
    const response = await fetch(endpoint, { method: 'POST', headers, body });
    return { status: response.status, text: await response.text() };
  }

  test('a service that is not served, with those that are', async () => {
    const { status, text } = await post({ 'x-amz-target': 'DynamoDB_20120810.PutItem' });
    assert.equal(status, 400);
    assert.match(
      text,
      /"DynamoDB_20120810\.PutItem is not served on this machine\. Use sqs: .*sns: .*events: PutEvents/,
    );
  });

  test('SQS by AWS Query, with what to do', async () => {
    const { status, text } = await post(
      { 'content-type': 'application/x-www-form-urlencoded' },
      'Action=SendMessage&Version=2012-11-05',
    );
    assert.equal(status, 400);
    assert.match(text, /<Message>SQS by AWS Query is not served on this machine\. Use a client that uses AWS JSON/);
  });

  const target = { 'x-amz-target': 'AmazonSQS.ListQueues', 'content-type': 'application/x-amz-json-1.0' };
  for (const header of [
    ['origin', 'https://evil.example'],
    ['sec-fetch-site', 'cross-site'],
  ] as const) {
    test(`a web page with ${header.join(': ')}`, async () => {
      assert.equal((await post({ ...target, [header[0]]: header[1] })).status, 403);
    });
  }

  for (const body of ['', '{', 'null', '"text"']) {
    test(`SQS with the body ${JSON.stringify(body)}`, async () => {
      const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.ListQueues' };
      const response = await fetch(endpoint, { method: 'POST', headers, body });
      assert.equal(response.status, 400);
      assert.match(await response.text(), /SerializationException/);
    });
  }

  test('a request of more than 4 MB', async () => {
    assert.equal((await post(target, ' '.repeat(4 * 1024 * 1024 + 1))).status, 413);
  });
});
