import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Operation } from '../../contract/contract-document.ts';
import { functionName } from '../../function-name.ts';
import type { LocalRuntime } from '../local-runtime.ts';

/** What is served, and where. */
export interface StartupSummary {
  /** Of the API. */
  url: string;
  /** Of the Lambda API. */
  lambdaUrl: string;
  /** Of a page that calls the API; the API reference is at `/reference`. */
  docsUrl: string;
  stage: string;
  /** Whether edits of the sources are brought into service. */
  follows: boolean;
  routes: { route: string; invokes: string /** Whose token a request needs. */; issuer: string | undefined }[];
  functions: { name: string; bytes: number; memoryMb: number; timeoutSeconds: number }[];
  /** Shell commands to try it. */
  commands: string[];
  queues: { path: string; records: number }[];
  maxEnvironments: number;
  /** The types of resource that no request meets. */
  ignored: string[];
}

/** Describes a runtime that was just started. */
export async function startupSummary(
  runtime: LocalRuntime,
  operations: Operation[],
  facts: Pick<StartupSummary, 'docsUrl' | 'stage' | 'follows' | 'maxEnvironments'>,
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
    routes: [...assembly.api.routes.values()].map(({ key, target, authorization }) => ({
      route: key,
      invokes: target.name,
      issuer: authorization?.authorizer.issuer,
    })),
    functions: await Promise.all(functions),
    commands: operations.flatMap((operation) => commandsFor(operation, runtime, facts.stage)),
    queues: (await Promise.all(queues)).filter(({ path, records }) => {
      // Nobody has to know of a queue that only stands in where the stack has none.
      return records > 0 || !path.endsWith('-undelivered.jsonl');
    }),
    ignored: assembly.ignored,
  };
}

function commandsFor(
  { operationId, method, path, direct, example }: Operation,
  { assembly, url, lambdaUrl }: LocalRuntime,
  stage: string,
): string[] {
  const data =
    example === undefined ? '' : ` -H 'content-type: application/json' -d ${quoted(JSON.stringify(example))}`;
  const needsToken = assembly.api.routes.get(`${method} ${path}`)?.authorization !== undefined;
  const token = needsToken ? ' -H "authorization: Bearer $TOKEN"' : '';
  const commands = [`curl -i -X ${method} ${word(`${url}${path}`)}${token}${data}`];
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

/** A word of the shell's, in quotes where it needs them. */
function word(text: string): string {
  return /^[\w./:-]+$/.test(text) ? text : quoted(text);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
