import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Operation } from '../../shared/contract-document.ts';
import { functionName } from '../function-name.ts';
import { count } from './console-lines.ts';
import type { LocalRuntime } from './local-runtime.ts';

/** What is served and where, for a person at a terminal, with a command to try it. */
export async function describeRuntime(
  { assembly, url, lambdaUrl, queues }: LocalRuntime,
  operations: Operation[],
  { maxEnvironments, stage }: { maxEnvironments: number; stage: string },
): Promise<string> {
  const lines = [`The API is served at ${url}, Lambda's Invoke operation at ${lambdaUrl}`, ''];
  for (const { key, callee, authorization } of assembly.api.routes.values()) {
    const token = authorization ? `, with a token of ${authorization.authorizer.issuer}` : '';
    lines.push(`  ${key}  ->  ${callee.name}${token}`);
  }
  for (const { name, directory, memoryMb, timeoutMs } of assembly.functions) {
    const size = (await bundleBytes(directory)).toLocaleString('en');
    lines.push(`  ${name}: ${size} bytes, ${memoryMb} MB, ${timeoutMs / 1000} s`);
  }
  lines.push('');
  for (const { operationId, method, path, direct, example } of operations) {
    const data = example === undefined ? '' : ` -H 'content-type: application/json' -d '${JSON.stringify(example)}'`;
    const needsToken = assembly.api.routes.get(`${method} ${path}`)?.authorization !== undefined;
    const token = needsToken ? ' -H "authorization: Bearer $TOKEN"' : '';
    lines.push(`  curl -i -X ${method} ${url}${path}${token}${data}`);
    if (!direct) continue;
    const name = functionName(operationId, 'direct', stage);
    lines.push(`  npm run invoke -- --endpoint ${lambdaUrl} --function ${name} '${JSON.stringify(example)}'`);
  }
  lines.push('');
  for (const queue of queues) {
    const records = await queue.count();
    // Nobody has to know of a queue that only stands in where the stack has none.
    if (records > 0 || !queue.path.endsWith('-undelivered.jsonl')) {
      lines.push(`Queue ${queue.path}: ${count(records, 'record')}`);
    }
  }
  lines.push(
    '',
    `At most ${count(maxEnvironments, 'execution environment')} of each version of a function (MAX_ENVIRONMENTS).`,
    `Of the stack, no request meets: ${assembly.passedOver.join(', ') || 'nothing'}.`,
  );
  return lines.join('\n');
}

async function bundleBytes(directory: string): Promise<number> {
  let bytes = 0;
  for (const file of await readdir(directory, { recursive: true })) bytes += (await stat(join(directory, file))).size;
  return bytes;
}
