/** `npm start`: synthesises the stack and serves it on 127.0.0.1. */
import { rmSync } from 'node:fs';
import { access, constants, mkdir, mkdtemp } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ContractError, readContract } from '../../shared/contract-document.ts';
import { synthesise } from '../app.ts';
import { ConfigurationError, configurationHelp } from '../configuration.ts';
import { isUsageError, UsageError } from '../usage-error.ts';
import { eventEndLine, eventFailureLine, functionLine, invocationLine, requestLine } from './console-lines.ts';
import { LocalRuntime } from './local-runtime.ts';
import { describeRuntime } from './runtime-description.ts';
import { Unservable } from './unservable.ts';

const help = `npm start [-- -c key=value …]

Synthesises the stack and serves it on 127.0.0.1, as AWS would.

  -c, --context key=value  sets a key of the configuration; may be given again
  -h, --help               prints this

Keys and their defaults:
${configurationHelp()}

Environment variables:
  PORT=3000              port of the API; 0 for any that is free
  LAMBDA_PORT=3001       port of the Lambda API, for the AWS CLI and SDK; 0 for any that is free
  MAX_ENVIRONMENTS=${defaultEnvironments()}     execution environments (processes) of a version of a function at a time
  RETRY_SECONDS=60       how long a failed asynchronous event waits for its first retry; twice as long for the second
  QUEUE_DIRECTORY=.local folder for the queues of the stack, a file of JSON lines each`;

const parentCheckMs = 500;

try {
  await main();
} catch (error) {
  console.error(explain(error));
  process.exit(1);
}

async function main(): Promise<void> {
  const started = performance.now();
  const { context, askedForHelp } = commandLine();
  if (askedForHelp) return console.log(help);
  const port = numberFrom('PORT', 3000, 0, 65_535);
  const lambdaPort = numberFrom('LAMBDA_PORT', 3001, 0, 65_535);
  if (port === lambdaPort && port !== 0) throw new UsageError(`PORT and LAMBDA_PORT are both ${port}: choose two`);
  const retryDelayMs = 1000 * numberFrom('RETRY_SECONDS', 60, 0, 3600);
  const maxEnvironments = numberFrom('MAX_ENVIRONMENTS', defaultEnvironments(), 1, 1000);
  const queueDirectory = await writableFolder('QUEUE_DIRECTORY', new URL('../../.local', import.meta.url));
  const { operations } = await readContract();

  let runtime: LocalRuntime | undefined;
  stopWhenTold(() => runtime);
  const directory = await mkdtemp(join(tmpdir(), 'cloud-assembly-'));
  process.on('exit', () => {
    runtime?.kill();
    rmSync(directory, { recursive: true, force: true });
  });
  synthesise({ outdir: directory, context });

  runtime = await LocalRuntime.start(directory, {
    port,
    lambdaPort,
    maxEnvironments,
    retryDelayMs,
    queueDirectory,
    line: (_fn, line) => console.log(functionLine(line)),
    access: (record) => console.log(requestLine(record)),
    invoked: (record) => console.log(invocationLine(record)),
    failed: (failure) => console.log(eventFailureLine(failure)),
    ended: (end) => console.log(eventEndLine(end)),
    unwritable: (path, error) =>
      console.error(`${path} cannot be written, its records are kept in memory: ${error.message}`),
  });
  const stage = context['stage'] ?? 'dev';
  console.log(await describeRuntime(runtime, operations, { maxEnvironments, stage }));
  console.log(`Ready in ${((performance.now() - started) / 1000).toFixed(1)} s. Ctrl-C stops it.\n`);
}

/** Ends the process well on the first signal, and at once on the second. */
function stopWhenTold(runtimeOf: () => LocalRuntime | undefined): void {
  let isTold = false;
  const stop = async (why: string) => {
    // The exit listener ends what is left.
    if (isTold) process.exit(130);
    isTold = true;
    console.log(`${why}: answering what is under way; once more ends it at once`);
    const unwritten = (await runtimeOf()?.stop()) ?? [];
    for (const record of unwritten) console.error(`Could not be written: ${record}`);
    console.log('Stopped');
    process.exit(unwritten.length > 0 ? 1 : 0);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(signal));
  // npm passes SIGTERM on to nobody: that it is gone has to be noticed.
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    stop('npm is gone');
  }, parentCheckMs).unref();
}

function commandLine(): { context: Record<string, string>; askedForHelp: boolean } {
  const { values } = parseArgs({
    options: {
      context: { type: 'string', short: 'c', multiple: true, default: [] },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const context: Record<string, string> = {};
  for (const pair of values.context) {
    const [key, ...value] = pair.split('=');
    if (!key || value.length === 0) throw new UsageError(`-c ${pair}: write -c key=value`);
    context[key] = value.join('=');
  }
  return { context, askedForHelp: values.help };
}

function numberFrom(variable: string, fallback: number, min: number, max: number): number {
  const text = process.env[variable];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new UsageError(`${variable}=${text}: write a whole number from ${min} to ${max}`);
}

/** The folder that a variable names, made if it is not there. */
async function writableFolder(variable: string, fallback: URL): Promise<string> {
  const folder = resolve(process.env[variable] || fileURLToPath(fallback));
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
    return folder;
  } catch (error) {
    throw new UsageError(`${variable}=${folder}: is no folder that can be written (${String(error)})`);
  }
}

/** Enough for functions that wait on something, and not more processes than the machine can feed. */
function defaultEnvironments(): number {
  return Math.max(4, 2 * availableParallelism());
}

/** What went wrong, in words that say what to do. What we did not foresee keeps its stack. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof ConfigurationError) return error.message;
  if (error instanceof ContractError) return error.message;
  if (error.message.startsWith('Failed to bundle asset')) {
    // The CDK's own words around esbuild's, which have file and line.
    return `A function cannot be bundled.\n${/Build failed.*/s.exec(error.message)?.[0] ?? error.message}`;
  }
  if (error instanceof Unservable) return `The stack cannot be served on this machine.\n${error.message}`;
  const { code, port } = { code: undefined, port: undefined, ...error };
  if (code === 'EADDRINUSE') return `Port ${port} is taken. Choose others: PORT=3100 LAMBDA_PORT=3101 npm start`;
  if (code === 'EACCES' && port) return `Port ${port} is not for ordinary users. Choose another: PORT=3100 npm start`;
  if (isUsageError(error)) return `${error.message}\n\n${help}`;
  return error.stack ?? error.message;
}
