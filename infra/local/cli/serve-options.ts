import { access, constants, mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import type { ParseArgsOptionsConfig } from 'node:util';
import { projectRoot } from '../../project-root.ts';
import { type OptionValues, type UnknownOption, UsageError } from '../../scripts/program.ts';
import type { InspectOptions } from '../lambda/inspectable.ts';

/** What the command line and the environment of `npm start` set. */
export interface ServeOptions {
  /** The CDK's. */
  context: Record<string, string>;
  /** Whether to serve each edit. */
  watch: boolean;
  output: 'text' | 'json';
  /** Whether to list every resource type that is not emulated. */
  verbose: boolean;
  port: number;
  lambdaPort: number;
  docsPort: number;
  maxEnvironments: number;
  retryDelayMs: number;
  anyRegion: boolean;
  queueDirectory: string;
  /** Whether asynchronous events are kept over a stop. */
  journaled: boolean;
  /** Whether the last requests are kept in memory, for the page that shows them. */
  timeline: boolean;
  /** Gives each function an inspector. */
  inspect: InspectOptions | undefined;
  /** Another endpoint of SQS. */
  sqsEndpoint: string | undefined;
}

/** The options of the command line, for `parseArgs`. */
export const serveOptionTypes = {
  context: { type: 'string', short: 'c', multiple: true, default: [] },
  watch: { type: 'boolean', default: false },
  inspect: { type: 'boolean', default: false },
  'inspect-brk': { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
  'no-timeline': { type: 'boolean', default: false },
  output: { type: 'string', default: process.stdout.isTTY ? 'text' : 'json' },
} satisfies ParseArgsOptionsConfig;

/** Options that people expect on the command line, and the environment variables that set them. */
const variables = new Map([
  ['port', 'PORT'],
  ['p', 'PORT'],
  ['lambda-port', 'LAMBDA_PORT'],
  ['docs-port', 'DOCS_PORT'],
  ['max-environments', 'MAX_ENVIRONMENTS'],
  ['retry-seconds', 'RETRY_SECONDS'],
  ['any-region', 'ANY_REGION'],
  ['journal', 'JOURNAL'],
  ['inspect-port', 'INSPECT_PORT'],
  ['queue-directory', 'QUEUE_DIRECTORY'],
]);

/** Returns what to write in place of an option or a word that does not exist. */
export async function suggestOption({ name, value = '' }: UnknownOption): Promise<string | undefined> {
  if (name === '') return suggestForWord(value);
  if (name === 'follow') return 'it is called --watch now';
  const kebab = name.replaceAll('_', '-').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const variable = variables.get(kebab);
  if (variable) return `write ${variable}=${value || '…'} npm start`;
  // Loaded only here: it takes the CDK.
  const { stageSchema } = await import('../../stage-schema.ts');
  const camel = name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const isKey = camel === 'stage' || camel in stageSchema.shape;
  return isKey ? `write -c ${camel}=${value || '…'}` : undefined;
}

function suggestForWord(word: string): string | undefined {
  if (/^\d+$/.test(word)) return `to choose a port, write PORT=${word} npm start`;
  if (word.includes('=')) return `to set a key, write npm start -- -c ${word}`;
  return 'npm needs -- before options, as in npm start -- --output text';
}

/**
 * Reads the environment, and checks what the command line sets.
 * @throws {UsageError} for what cannot be used.
 */
export async function serveOptions(values: OptionValues<typeof serveOptionTypes>): Promise<ServeOptions> {
  refuseOptionsForNpm();
  const { output, watch, verbose } = values;
  if (output !== 'text' && output !== 'json') throw new UsageError(`--output ${output}: write text or json`);
  const port = numberFrom('PORT', 3000, 0, 65_535);
  const awsVariable = process.env['AWS_PORT'] ? 'AWS_PORT' : 'LAMBDA_PORT';
  const lambdaPort = numberFrom(awsVariable, 3001, 0, 65_535);
  const docsPort = numberFrom('DOCS_PORT', 3002, 0, 65_535);
  refuseSamePort({ PORT: port, [awsVariable]: lambdaPort, DOCS_PORT: docsPort });
  const { inspect: isInspected, 'inspect-brk': waits } = values;
  const inspect = isInspected || waits ? { port: numberFrom('INSPECT_PORT', 9229, 0, 65_000), waits } : undefined;
  return {
    context: contextOf(values.context),
    watch,
    verbose,
    output,
    port,
    lambdaPort,
    docsPort,
    // A debugger is attached to one process of a function.
    maxEnvironments: inspect ? 1 : numberFrom('MAX_ENVIRONMENTS', defaultEnvironments(), 1, 1000),
    inspect,
    sqsEndpoint: process.env['AWS_ENDPOINT_URL_SQS'] || undefined,
    retryDelayMs: 1000 * numberFrom('RETRY_SECONDS', 60, 0, 3600),
    anyRegion: numberFrom('ANY_REGION', 0, 0, 1) === 1,
    journaled: numberFrom('JOURNAL', 1, 0, 1) === 1,
    timeline: !values['no-timeline'],
    queueDirectory: await writableFolder('QUEUE_DIRECTORY', join(projectRoot, '.local')),
  };
}

/**
 * npm takes options that stand before `--` for itself, and starts us without them.
 * @throws {UsageError} where it has done so with one of ours.
 */
function refuseOptionsForNpm(): void {
  const { npm_config_call: call = '' } = process.env;
  if (/^\w+=\S*$/.test(call)) throw new UsageError(`npm took -c for itself: write npm start -- -c ${call}`);
  for (const name of [...variables.keys(), 'output', 'watch', 'inspect', 'inspect-brk', 'no-timeline']) {
    // npm reads --no-timeline as timeline=false.
    const value = process.env[`npm_config_${name.replace(/^no-/, '').replaceAll('-', '_')}`];
    if (value === undefined || name === 'p') continue;
    const variable = variables.get(name);
    const given = value === 'true' ? '' : value;
    const instead = variable
      ? `${variable}=${given || '…'} npm start`
      : `npm start -- --${name}${name === 'output' ? ` ${given || 'text'}` : ''}`;
    throw new UsageError(`npm took --${name} for itself: write ${instead}`);
  }
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
  if (/^\s*\d+\s*$/.test(text) && value >= min && value <= max) return value;
  throw new UsageError(`${variable}=${text}: write a whole number from ${min} to ${max}`);
}

/** Returns the folder that a variable names, which is created if it does not exist. */
async function writableFolder(variable: string, fallback: string): Promise<string> {
  const folder = resolve(process.env[variable] || fallback);
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
    return folder;
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new UsageError(`${variable}=${folder}: this folder cannot be written (${reason}); choose another`);
  }
}

/** Returns a number of environments that suits functions which wait, and that the machine can run. */
export function defaultEnvironments(): number {
  return Math.max(4, 2 * availableParallelism());
}
