/** `npm run send`: sends a message to the queue of the stack, and prints its answer. */
import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import {
  DeleteMessageCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { z } from 'zod';
import { type OptionValues, runProgram, UsageError } from './program.ts';

const localEndpoint = `http://127.0.0.1:${process.env['AWS_PORT'] || process.env['LAMBDA_PORT'] || 3001}`;

const help = `npm run send -- queue '{"emoji_type":0,"message":"hi"}'

Sends a message to the queue of reactions, and prints its answer. With "-" for the message, reads it from standard
input. Exits with 1 when the message has no answer in time: a message that is not valid ends in the dead-letter queue.

  --stage NAME     the stage whose queues are used; the default is dev
  --timeout N      seconds to wait for the answer, 1 to 300; the default is 30
  --endpoint URL   address of SQS; the default is AWS_ENDPOINT_URL_SQS or AWS_ENDPOINT_URL, then AWS if the environment
                   has credentials, then ${localEndpoint}, where npm start serves it
  -h, --help       prints this`;

const options = {
  stage: { type: 'string', default: 'dev' },
  timeout: { type: 'string', default: '30' },
  endpoint: {
    type: 'string',
    default: process.env['AWS_ENDPOINT_URL_SQS'] || process.env['AWS_ENDPOINT_URL'] || '',
  },
} as const;

const answerShape = z.looseObject({ id: z.string() });

await runProgram({ command: 'npm run send', help, options, allowPositionals: true, main, explain });

async function main({ stage, timeout, endpoint }: OptionValues<typeof options>, words: string[]): Promise<void> {
  const [source, message, ...more] = words;
  if (source !== 'queue' || message === undefined || more.length > 0) {
    throw new UsageError('Write queue and one message, in single quotes');
  }
  if (!/^[1-9]\d{0,2}$/.test(timeout) || Number(timeout) > 300) {
    throw new UsageError(`--timeout ${timeout}: write a whole number from 1 to 300`);
  }
  if (endpoint && !URL.canParse(endpoint))
    throw new UsageError(`--endpoint ${endpoint}: write a URL such as ${localEndpoint}`);
  const client = clientFor(endpoint);
  const [reactions, answers] = await Promise.all(
    [`feeling-reactions-${stage}`, `feeling-answers-${stage}`].map(async (QueueName) => {
      return (await client.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl;
    }),
  );
  const MessageBody = message === '-' ? await text(process.stdin) : message;
  const { MessageId } = await client.send(new SendMessageCommand({ QueueUrl: reactions, MessageBody }));
  console.error(`Sent as ${MessageId}`);
  const answer = await answerTo(client, answers, MessageId ?? randomUUID(), Number(timeout));
  if (answer) console.log(answer);
  else {
    console.error(`No answer within ${timeout} s. Is the message valid? npm start prints why one fails.`);
    process.exitCode = 1;
  }
}

function clientFor(endpoint: string): SQSClient {
  const hasCredentials = Boolean(process.env['AWS_ACCESS_KEY_ID'] || process.env['AWS_PROFILE']);
  if (!endpoint && hasCredentials) return new SQSClient();
  const region = process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'] ?? 'us-east-1';
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return new SQSClient({
    endpoint: endpoint || localEndpoint,
    useQueueUrlAsEndpoint: false,
    region,
    maxAttempts: 1,
    ...(!hasCredentials && { credentials }),
  });
}

/** Takes the answer to a message from the queue, and leaves those to other messages. */
async function answerTo(
  client: SQSClient,
  QueueUrl: string | undefined,
  id: string,
  seconds: number,
): Promise<string | undefined> {
  const deadline = performance.now() + 1000 * seconds;
  for (;;) {
    const left = Math.ceil((deadline - performance.now()) / 1000);
    if (left <= 0) return undefined;
    const poll = { QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 1, WaitTimeSeconds: Math.min(left, 20) };
    const { Messages = [] } = await client.send(new ReceiveMessageCommand(poll));
    for (const { Body = '', ReceiptHandle } of Messages) {
      if (answerShape.safeParse(parsed(Body)).data?.id !== id) continue;
      await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      return Body;
    }
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function explain(error: Error): string {
  const { code } = { code: undefined, ...error };
  if (code === 'ECONNREFUSED') return 'Nothing answers at this address. Start it with: npm start';
  if (error.name === 'QueueDoesNotExist') return 'There is no such queue. Does the stage have -c sources=queue?';
  return `${error.name}: ${error.message}`;
}
