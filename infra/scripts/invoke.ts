/** `npm run invoke`: invokes a function directly, on this machine or deployed, and shows what comes of it. */
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { InvokeCommand, type InvokeCommandOutput, LambdaClient } from '@aws-sdk/client-lambda';
import { operations } from '../../shared/contract.ts';
import { functionName } from '../function-name.ts';
import { isUsageError, UsageError } from './program.ts';

const [direct] = operations
  .filter(({ direct }) => direct)
  .map(({ operationId }) => functionName(operationId, 'direct', 'dev'));
const localEndpoint = `http://127.0.0.1:${process.env['LAMBDA_PORT'] || 3001}`;

const help = `npm run invoke -- [options] '{"emoji_type":0,"message":"hi"}'

Invokes the function that answers direct invocations, and prints its result. "-" for the event reads it
from standard input. Exits with 1 when the function fails, or cannot be invoked.

  --async          does not wait for the result
  --dry-run        checks whether the function could be invoked, and does not run it
  --tail           prints the end of the log too
  --function NAME  name or ARN of the function; ${direct} if not given
  --endpoint URL   where the Lambda API is served
  -h, --help       prints this

Without --endpoint it is LAMBDA_ENDPOINT_URL, AWS_ENDPOINT_URL_LAMBDA or AWS_ENDPOINT_URL that says where.
Without these it is AWS if the environment has credentials (AWS_ACCESS_KEY_ID or AWS_PROFILE), else
${localEndpoint} (LAMBDA_PORT), where npm start serves it.`;

try {
  await main();
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { values: options, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      async: { type: 'boolean', default: false },
      'dry-run': { type: 'boolean', default: false },
      tail: { type: 'boolean', default: false },
      function: { type: 'string', default: direct ?? '' },
      endpoint: { type: 'string', default: endpointOfEnvironment() },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (options.help) return console.log(help);
  const [event, ...more] = positionals;
  if (event === undefined || more.length > 0) throw new UsageError('Give one event, in quotes.');
  if (options.async && (options['dry-run'] || options.tail)) {
    throw new UsageError('--async does not go with --dry-run or --tail: there is nothing to show.');
  }

  if (options.endpoint && !URL.canParse(options.endpoint)) {
    throw new UsageError(`--endpoint ${options.endpoint}: write a URL such as ${localEndpoint}`);
  }
  const credentialsGiven = Boolean(process.env['AWS_ACCESS_KEY_ID'] || process.env['AWS_PROFILE']);
  const endpoint = options.endpoint || (credentialsGiven ? undefined : localEndpoint);
  console.error(`Invoking ${options.function} ${endpoint ? `at ${endpoint}` : 'on AWS'}`);
  const result = await clientFor(endpoint, credentialsGiven).send(
    new InvokeCommand({
      FunctionName: options.function,
      InvocationType: options['dry-run'] ? 'DryRun' : options.async ? 'Event' : 'RequestResponse',
      LogType: options.tail ? 'Tail' : 'None',
      Payload: event === '-' ? await text(process.stdin) : event,
    }),
  );
  show(result);
}

/** The SDK knows two of these by itself; all are read here, so that what is said of the address is true. */
function endpointOfEnvironment(): string {
  const names = ['LAMBDA_ENDPOINT_URL', 'AWS_ENDPOINT_URL_LAMBDA', 'AWS_ENDPOINT_URL'];
  return names.map((name) => process.env[name]).find(Boolean) ?? '';
}

function clientFor(endpoint: string | undefined, credentialsGiven: boolean): LambdaClient {
  if (endpoint === undefined) return new LambdaClient();
  const region = process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'] ?? 'us-east-1';
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return new LambdaClient({ endpoint, region, maxAttempts: 1, ...(!credentialsGiven && { credentials }) });
}

function show({ StatusCode, Payload, LogResult, FunctionError, $metadata }: InvokeCommandOutput): void {
  if (LogResult) console.error(Buffer.from(LogResult, 'base64').toString().trimEnd());
  if (StatusCode === 202) console.log(`Accepted, as ${$metadata.requestId}`);
  else if (StatusCode === 204) console.log('Could be invoked');
  else console.log(readable(Payload?.transformToString() ?? ''));
  if (FunctionError) {
    console.error('The function failed.');
    process.exitCode = 1;
  }
}

function readable(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}

/** What went wrong, in words that say what to do. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = { code: undefined, ...error };
  if (code === 'ECONNREFUSED') return 'Nothing answers there. Is `npm start` running?';
  if (isUsageError(error)) return `${error.message}\n\n${help}`;
  if (error.name === 'Unknown') return `That is no Lambda API (${error.message}). Is it the port of the API?`;
  return `${error.name}: ${error.message}`;
}
