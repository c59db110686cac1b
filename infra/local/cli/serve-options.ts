import { access, constants, mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { configurationHelp } from '../../configuration.ts';
import { projectRoot } from '../../project-root.ts';
import { UsageError } from '../../scripts/program.ts';

/** What the command line and the environment of `npm start` ask for. */
export interface ServeOptions {
  /** Of the CDK. */
  context: Record<string, string>;
  /** Whether edits are brought into service. */
  follow: boolean;
  output: 'text' | 'json';
  port: number;
  lambdaPort: number;
  docsPort: number;
  maxEnvironments: number;
  retryDelayMs: number;
  queueDirectory: string;
}

/** How `npm start` and `npm run dev` are used. */
export function serveHelp(): string {
  return `npm start [-- options]
npm run dev [-- options]

Synthesises the stack and serves it on 127.0.0.1, as AWS would. npm run dev brings edits of functions, stack
and contract into service while it runs, and goes on with what was served before when an edit is broken.

  -c, --context key=value  sets a key of the configuration; may be given again
  --output text|json       how it tells what happens; text on a terminal, else a JSON object on each line
  --follow                 follows edits: what npm run dev does
  -h, --help               prints this

Keys and their defaults:
${configurationHelp()}

Environment variables:
  PORT=3000              port of the API; 0 for any that is free
  LAMBDA_PORT=3001       port of the Lambda API, for the AWS CLI and SDK; 0 for any that is free
  DOCS_PORT=3002         port of a page that calls the API, and of the API reference; 0 for any that is free
  MAX_ENVIRONMENTS=${String(defaultEnvironments()).padEnd(5)} execution environments (processes) of a version of a function at a time
  RETRY_SECONDS=60       how long a failed asynchronous event waits for its first retry; twice as long for the second
  QUEUE_DIRECTORY=.local folder for the queues of the stack, a file of JSON lines each
  NO_COLOR, FORCE_COLOR  whether text is coloured; on a terminal it is`;
}

/**
 * Reads the command line and the environment.
 * @returns undefined where only help is asked for
 * @throws {UsageError} for what cannot be used; what `parseArgs` throws is one too, see `isUsageError`.
 */
export async function serveOptions(): Promise<ServeOptions | undefined> {
  const { values } = parseArgs({
    options: {
      context: { type: 'string', short: 'c', multiple: true, default: [] },
      follow: { type: 'boolean', default: false },
      output: { type: 'string', default: process.stdout.isTTY ? 'text' : 'json' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const { output, follow } = values;
  if (output !== 'text' && output !== 'json') throw new UsageError(`--output ${output}: write text or json`);
  const port = numberFrom('PORT', 3000, 0, 65_535);
  const lambdaPort = numberFrom('LAMBDA_PORT', 3001, 0, 65_535);
  const docsPort = numberFrom('DOCS_PORT', 3002, 0, 65_535);
  refuseSamePort({ PORT: port, LAMBDA_PORT: lambdaPort, DOCS_PORT: docsPort });
  return {
    context: contextOf(values.context),
    follow,
    output,
    port,
    lambdaPort,
    docsPort,
    maxEnvironments: numberFrom('MAX_ENVIRONMENTS', defaultEnvironments(), 1, 1000),
    retryDelayMs: 1000 * numberFrom('RETRY_SECONDS', 60, 0, 3600),
    queueDirectory: await writableFolder('QUEUE_DIRECTORY', join(projectRoot, '.local')),
  };
}

function contextOf(pairs: string[]): Record<string, string> {
  const context: Record<string, string> = {};
  for (const pair of pairs) {
    const [key, ...value] = pair.split('=');
    if (!key || value.length === 0) throw new UsageError(`-c ${pair}: write -c key=value`);
    context[key] = value.join('=');
  }
  return context;
}

/** @throws {UsageError} when two of them are the same. */
function refuseSamePort(ports: Record<string, number>): void {
  for (const [port, names] of Map.groupBy(Object.keys(ports), (name) => ports[name])) {
    if (port !== 0 && names.length > 1) throw new UsageError(`${names.join(' and ')} are both ${port}: choose others`);
  }
}

function numberFrom(variable: string, fallback: number, min: number, max: number): number {
  const text = process.env[variable];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new UsageError(`${variable}=${text}: write a whole number from ${min} to ${max}`);
}

/** The folder that a variable names, made if it is not there. */
async function writableFolder(variable: string, fallback: string): Promise<string> {
  const folder = resolve(process.env[variable] || fallback);
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
