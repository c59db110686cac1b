/** The timeline has the batches of a queue, and invokes the function with one again. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { SQSEvent } from 'aws-lambda';
import { queueClient } from '../../harness/queues.ts';
import { type ServedTimeline, serveTimeline } from '../../harness/served-timeline.ts';

describe('the timeline has a batch of a queue', () => {
  let served: ServedTimeline;
  let client: ReturnType<typeof queueClient>;
  before(async () => {
    served = await serveTimeline({
      handles: {
        code: (event) => {
          const { Records } = event as unknown as SQSEvent;
          console.log('a line');
          const failures = Records.filter(({ body }) => body === 'bad');
          return { batchItemFailures: failures.map(({ messageId }) => ({ itemIdentifier: messageId })) };
        },
        queue: { reportsItemFailures: true },
      },
    });
    client = queueClient(served.stack.runtime.lambdaUrl);
  });
  after(async () => {
    client[Symbol.dispose]();
    await served[Symbol.asyncDispose]();
  });

  test('with its messages, its failures, its result and its log', async () => {
    await client.send('handles-queue', 'bad');
    const entry = await served.until(({ kind }) => kind === 'batch');
    const { messages, failedMessages, queue, failed, cold } = entry;
    assert.deepEqual([messages, failedMessages, queue, failed, cold], [1, 1, 'handles-queue', true, true]);
    const { event, result, log, commands, response } = await served.detail(entry.id);
    const [record] = JSON.parse(event?.text ?? '').Records;
    assert.equal(record.body, 'bad');
    assert.deepEqual(JSON.parse(result?.text ?? '').batchItemFailures, [{ itemIdentifier: record.messageId }]);
    assert.match(log.join('\n'), /a line/);
    assert.match(commands.npm ?? '', /^npm run invoke -- .*--function handles /);
    assert.equal(response, undefined);
  });

  test('and invokes its function with it again', async () => {
    const { entries } = await served.list();
    const batch = entries.find(({ kind }) => kind === 'batch');
    const { status, body } = await served.replay(batch?.id ?? '');
    assert.equal(status, 200, body);
    const again = await served.until(({ replayOf }) => replayOf === batch?.id);
    assert.deepEqual([again.kind, again.operation, again.status], ['invoke', 'RequestResponse', 200]);
  });
});
