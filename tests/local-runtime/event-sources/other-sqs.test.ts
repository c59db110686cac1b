/** AWS_ENDPOINT_URL_SQS: the messages of another SQS, here that of a second server, which has not started to read. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { after, test } from 'node:test';
import { GetQueueAttributesCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { eventually, queueClient } from '../../harness/queues.ts';
import { serve } from '../../harness/test-stack.ts';

process.env['AWS_ACCESS_KEY_ID'] = 'test';
process.env['AWS_SECRET_ACCESS_KEY'] = 'test';

const functions = { reads: { code: (event: unknown) => console.log(JSON.stringify(event)), queue: {} } };
const reports = new EventEmitter();
const other = await serve(functions, { runtime: { started: new Promise<void>(() => {}) } });
after(() => other[Symbol.asyncDispose]());
const stack = await serve(functions, {
  runtime: { sqsEndpoint: other.runtime.lambdaUrl, report: ({ event }) => reports.emit(event) },
});
after(() => stack[Symbol.asyncDispose]());

test('a function gets the messages of another SQS, and deletes them there', async () => {
  using client = queueClient(other.runtime.lambdaUrl);
  const QueueUrl = await client.urlOf('reads-queue');
  const handled = once(reports, 'batch');
  const MessageAttributes = {
    text: { DataType: 'String', StringValue: 'blue 🎉' },
    bytes: { DataType: 'Binary', BinaryValue: Uint8Array.of(0, 255) },
  };
  await client.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hi 🎉', MessageAttributes }));
  await handled;
  assert.deepEqual(other.log, []);
  const [{ line = '' } = {}] = stack.log;
  const [record] = JSON.parse(line.split('\t').at(-1) ?? '').Records;
  assert.equal(record.body, 'hi 🎉');
  assert.equal(record.messageAttributes.text.stringValue, 'blue 🎉');
  assert.equal(record.messageAttributes.bytes.binaryValue, 'AP8=');
  await eventually(async () => {
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
    const { Attributes = {} } = await client.sqs.send(command);
    return Attributes['ApproximateNumberOfMessagesNotVisible'] === '0' || undefined;
  });
});
