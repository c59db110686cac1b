import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Operation } from '../../shared/contract-document.ts';
import type { LocalRuntime } from './local-runtime.ts';

/** What is served and where, for a person at a terminal, with a command to try it. */
export async function describeRuntime(
  { assembly, url, lambdaUrl, queues }: LocalRuntime,
  operations: Operation[],
  maxEnvironments: number,
): Promise<string> {
  const lines = [`${assembly.stackName} is served at ${url}, its functions at ${lambdaUrl}`, ''];
  for (const { key, function: fn } of assembly.api.routes.values()) lines.push(`  ${key}  ->  ${fn.name}`);
  for (const { name, directory, memoryMb, timeoutMs } of assembly.functions) {
    const size = (await bundleBytes(directory)).toLocaleString('en');
    lines.push(`  ${name}: ${size} bytes, ${memoryMb} MB, ${timeoutMs / 1000} s`);
  }
  lines.push('');
  for (const { method, path, example } of operations) {
    const data = example === undefined ? '' : ` -H 'content-type: application/json' -d '${JSON.stringify(example)}'`;
    lines.push(`  curl -i -X ${method} ${url}${path}${data}`);
    if (example !== undefined) lines.push(`  npm run invoke -- '${JSON.stringify(example)}'`);
  }
  if (queues.length > 0) lines.push('');
  for (const queue of queues) lines.push(`Queue ${queue.path}: ${await queue.count()} waiting there.`);
  lines.push(
    '',
    `At most ${maxEnvironments} execution environments of each function (MAX_ENVIRONMENTS).`,
    `Not needed to answer a request, passed over: ${assembly.passedOver.join(', ') || 'nothing'}.`,
  );
  return lines.join('\n');
}

async function bundleBytes(directory: string): Promise<number> {
  let bytes = 0;
  for (const file of await readdir(directory, { recursive: true })) bytes += (await stat(join(directory, file))).size;
  return bytes;
}
