import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Operation } from '../../contract/contract-document.ts';
import { functionName } from '../../function-name.ts';
import { shellQuoted, shellWord } from '../../shell-word.ts';
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
  /** The names of the queues, topics, event buses and schedules of the stack. */
  queues: string[];
  topics: string[];
  buses: string[];
  schedules: string[];
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
  const namesOf = (resources: { name: string }[]) => resources.map(({ name }) => name);
  const { queues, topics, buses, schedules } = assembly.sources;
  return {
    url,
    lambdaUrl,
    ...facts,
    routes: servedRoutes(runtime),
    functions: await Promise.all(functions),
    commands: operations.flatMap((operation) => commandsFor(operation, runtime, facts.stage)),
    queues: namesOf(queues),
    topics: namesOf(topics),
    buses: namesOf(buses),
    schedules: namesOf(schedules),
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
    example === undefined ? '' : ` -H 'content-type: application/json' -d ${shellQuoted(JSON.stringify(example))}`;
  const needsToken = assembly.api.routes.get(`${method} ${routePath}`)?.authorization !== undefined;
  const token = needsToken ? ' -H "authorization: Bearer $TOKEN"' : '';
  const headers = parameters
    .filter((parameter) => parameter.in === 'header' && parameter.example !== undefined)
    .map(({ name, example }) => ` -H ${shellQuoted(`${name}: ${example}`)}`);
  // With -X HEAD, curl would wait for a body.
  const request = method === 'HEAD' ? '-I' : `-i -X ${method}`;
  const commands = [
    `curl ${request} ${shellWord(`${url}${exampleTarget(path, parameters)}`)}${token}${headers.join('')}${data}`,
  ];
  if (direct) {
    const name = functionName(operationId, 'direct', stage);
    const event = shellQuoted(JSON.stringify(example ?? {}));
    commands.push(`npm run invoke -- --endpoint ${lambdaUrl} --function ${shellWord(name)} ${event}`);
  }
  return commands;
}

async function bundleBytes(directory: string): Promise<number> {
  let bytes = 0;
  for (const file of await readdir(directory, { recursive: true })) bytes += (await stat(join(directory, file))).size;
  return bytes;
}
