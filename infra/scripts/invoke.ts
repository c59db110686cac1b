/** `npm run invoke`: invokes a function directly, on this machine or on AWS, and prints its result. */
import { text } from 'node:stream/consumers';
import { InvokeCommand, type InvokeCommandOutput, LambdaClient } from '@aws-sdk/client-lambda';
import { operations } from '../../shared/contract.ts';
import { deployedFunctions } from '../deployed-functions.ts';
import { functionName } from '../function-name.ts';
import { type OptionValues, runProgram, UsageError } from './program.ts';

const [direct] = deployedFunctions(operations, [])
  .filter(({ trigger }) => trigger === 'direct')
  .map(({ operationId }) => functionName(operationId, 'direct', 'dev'));
const localEndpoint = `http://127.0.0.1:${process.env['LAMBDA_PORT'] || 3001}`;

const help = `npm run invoke -- [options] '{"emoji_type":0,"message":"hi"}'

Invokes the function for direct invocations, and prints its result. With "-" for the event, reads it from
standard input. Exits with 1 when the function fails or cannot be invoked.

  --async          does not wait for the result
  --dry-run        checks whether the function could be invoked, and does not run it
  --tail           prints the end of the log too
  --function NAME  name or ARN of the function; the default is ${direct}
  --endpoint URL   address of the Lambda API
  -h, --help       prints this

The default of --endpoint is the first of LAMBDA_ENDPOINT_URL, AWS_ENDPOINT_URL_LAMBDA and AWS_ENDPOINT_URL that is
set. If none is set, AWS is called if the environment has credentials (AWS_ACCESS_KEY_ID or AWS_PROFILE), else
${localEndpoint} (LAMBDA_PORT), where npm start serves it.`;

const options = {
  async: { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
  tail: { type: 'boolean', default: false },
  function: { type: 'string', default: direct ?? '' },
  endpoint: { type: 'string', default: endpointOfEnvironment() },
} as const;

type InvokeOptions = OptionValues<typeof options>;

await runProgram({ command: 'npm run invoke', help, options, allowPositionals: true, main, explain });

async function main(options: InvokeOptions, positionals: string[]): Promise<void> {
  const [event, ...more] = positionals;
  if (event === undefined || more.length > 0) throw new UsageError('Give one event, in single quotes');
  if (options.async && (options['dry-run'] || options.tail)) {
    throw new UsageError('--async cannot be combined with --dry-run or --tail: it returns no log');
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

/** Reads all three here, though the SDK reads two itself: the address that is printed is then the one that is used. */
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
  if (StatusCode === 202) console.log(`Accepted as ${$metadata.requestId}`);
  else if (StatusCode === 204) console.log('The function can be invoked');
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

function explain(error: Error): string {
  const { code } = { code: undefined, ...error };
  if (code === 'ECONNREFUSED') return 'No Lambda API answers at this address. Start it with: npm start';
  if (error.name === 'Unknown') {
    return `This is not a Lambda API (${error.message}). Is it the port of the API? npm start prints both addresses.`;
  }
  return `${error.name}: ${error.message}`;
}
