/** The function for records: its bundle under AWS's runtime client, with an SQS of the test for the answers. */
import assert from 'node:assert/strict';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { bundleWithSourceMap } from '../../infra/function-bundle.ts';
import { Duration } from '../harness/duration.ts';
import { FakeSqs } from '../harness/fake-sqs.ts';
import { localClient } from '../harness/lambda-client.ts';
import { serve } from '../harness/test-stack.ts';
import { batchOf, type RecordOptions } from './records.cases.ts';

export const queueUrl = 'https://sqs.us-east-1.amazonaws.com/000000000000/feeling-answers-test';

/** Returns a valid request as JSON. */
export const valid = (message: string) => JSON.stringify({ emoji_type: 0, message });

export type ServedRecords = Awaited<ReturnType<typeof serveRecords>>;

/** Serves the function as `records`, and as others whose environment differs, until it is disposed of. */
export async function serveRecords() {
  const sqs = await FakeSqs.start();
  const code = Buffer.from(bundleWithSourceMap('functions/feeling/records.ts').code).toString();
  const records = (environment: Record<string, string>, seconds = 20) => ({
    code,
    options: { environment, loggingFormat: 'JSON', timeout: Duration.seconds(seconds) },
  });
  const stack = await serve({
    records: records({ ANSWERS_QUEUE_URL: queueUrl, AWS_ENDPOINT_URL_SQS: sqs.url, AWS_ENDPOINT_URL: 'http://x.test' }),
    allServices: records({ ANSWERS_QUEUE_URL: queueUrl, AWS_ENDPOINT_URL: `${sqs.url}/sub/` }),
    // As on AWS, where neither is set.
    noEndpoint: records({ ANSWERS_QUEUE_URL: `${sqs.url}/000000000000/feeling-answers-test`, AWS_ENDPOINT_URL: '' }),
    nobodyListens: records({ ANSWERS_QUEUE_URL: queueUrl, AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:1' }),
    impatient: records({ ANSWERS_QUEUE_URL: queueUrl, AWS_ENDPOINT_URL_SQS: sqs.url }, 2),
  });
  const client = localClient(stack.runtime.lambdaUrl);

  /** Invokes the function with a batch. @returns its payload, and the lines that it logged as objects */
  async function invoke(event: object, name = 'records') {
    const output = await client.send(new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event) }));
    const lines = stack.log.map(({ line }) => JSON.parse(line));
    return { error: output.FunctionError, payload: JSON.parse(output.Payload?.transformToString() ?? ''), lines };
  }

  return {
    sqs,
    invoke,
    /** Invokes the function with texts. @returns the ids of the records that it returns as failed, and its log */
    async failedOf(bodies: (string | RecordOptions)[], name?: string) {
      const { error, payload, lines } = await invoke(batchOf(...bodies), name);
      assert.equal(error, undefined, JSON.stringify(payload));
      assert.deepEqual(Object.keys(payload), ['batchItemFailures']);
      const items: { itemIdentifier: string }[] = payload.batchItemFailures;
      const messages: Record<string, unknown>[] = lines.map(({ message }) => message);
      return { failed: items.map(({ itemIdentifier }) => itemIdentifier), messages };
    },
    /** Forgets what was sent and logged. */
    clear() {
      sqs.batches.splice(0);
      sqs.next.splice(0);
      stack.log.splice(0);
    },
    async [Symbol.asyncDispose]() {
      client.destroy();
      await stack[Symbol.asyncDispose]();
      await sqs[Symbol.asyncDispose]();
    },
  };
}
