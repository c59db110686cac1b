import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Operation } from '../../contract/contract-document.ts';
import { functionName } from '../../function-name.ts';
import type { LocalRuntime } from '../local-runtime.ts';
import { exampleTarget } from './example-target.ts';

/** What is served, and where. */
export interface StartupSummary {
  /** The address of the API. */
  url: string;
  /** The address of the Lambda API. */
  lambdaUrl: string;
  /** The address of a page that calls the API. The API reference is at `/reference`. */
  docsUrl: string;
  stage: string;
  /** Whether each edit of the sources is served. */
  watches: boolean;
  routes: ServedRoute[];
  functions: { name: string; bytes: number; memoryMb: number; timeoutSeconds: number }[];
  /** Shell commands to try it. */
  commands: string[];
  queues: { path: string; records: number }[];
  maxEnvironments: number;
  /** The resource types that are not emulated, because no request reaches them. */
  ignored: string[];
}

export interface ServedRoute {
  /** Its key, such as `POST /feeling`. */
  route: string;
  /** The function, version or alias that it invokes. */
  invokes: string;
  /** The issuer of the token that a request needs. */
  issuer: string | undefined;
}

/** Describes a runtime that has just started. */
export async function startupSummary(
  runtime: LocalRuntime,
  operations: Operation[],
  facts: Pick<StartupSummary, 'docsUrl' | 'stage' | 'watches' | 'maxEnvironments'>,
): Promise<StartupSummary> {
  const { assembly, url, lambdaUrl } = runtime;
  const functions = assembly.functions.map(async ({ name, directory, memoryMb, timeoutMs }) => {
    return { name, bytes: await bundleBytes(directory), memoryMb, timeoutSeconds: timeoutMs / 1000 };
  });
  const queues = runtime.queues.map(async (queue) => ({ path: queue.path, records: await queue.count() }));
  return {
    url,
    lambdaUrl,
    ...facts,
    routes: servedRoutes(runtime),
    functions: await Promise.all(functions),
    commands: operations.flatMap((operation) => commandsFor(operation, runtime, facts.stage)),
    queues: (await Promise.all(queues)).filter(({ path, records }) => {
      // The stack has no such queue: it takes what a stop cuts off. While it is empty it concerns no one.
      return records > 0 || !path.endsWith('-undelivered.jsonl');
    }),
    ignored: assembly.ignored,
  };
}

/** Returns the routes that a runtime serves now. */
export function servedRoutes({ assembly }: LocalRuntime): ServedRoute[] {
  return [...assembly.api.routes.values()].map(({ key, target, authorization }) => ({
    route: key,
    invokes: target.name,
    issuer: authorization?.authorizer.issuer,
  }));
}

/** Returns shell commands that call an operation over HTTP and, where the contract has that, invoke it directly. */
export function commandsFor(
  { operationId, method, path, routePath, direct, example, parameters }: Operation,
  { assembly, url, lambdaUrl }: LocalRuntime,
  stage: string,
): string[] {
  const data =
    example === undefined ? '' : ` -H 'content-type: application/json' -d ${quoted(JSON.stringify(example))}`;
  const needsToken = assembly.api.routes.get(`${method} ${routePath}`)?.authorization !== undefined;
  const token = needsToken ? ' -H "authorization: Bearer $TOKEN"' : '';
  const headers = parameters
    .filter((parameter) => parameter.in === 'header' && parameter.example !== undefined)
    .map(({ name, example }) => ` -H ${quoted(`${name}: ${example}`)}`);
  // With -X HEAD, curl would wait for a body.
  const request = method === 'HEAD' ? '-I' : `-i -X ${method}`;
  const commands = [
    `curl ${request} ${word(`${url}${exampleTarget(path, parameters)}`)}${token}${headers.join('')}${data}`,
  ];
  if (direct) {
    const name = functionName(operationId, 'direct', stage);
    const event = quoted(JSON.stringify(example ?? {}));
    commands.push(`npm run invoke -- --endpoint ${lambdaUrl} --function ${word(name)} ${event}`);
  }
  return commands;
}

async function bundleBytes(directory: string): Promise<number> {
  let bytes = 0;
  for (const file of await readdir(directory, { recursive: true })) bytes += (await stat(join(directory, file))).size;
  return bytes;
}

/** Returns text as one word of a shell command, in quotes where it needs them. */
function word(text: string): string {
  return /^[\w./:-]+$/.test(text) ? text : quoted(text);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
