import { styleText } from 'node:util';
import type { StartupSummary } from './startup-summary.ts';

/** What is served and where, for a person at a terminal, with commands to try it. */
export function startupBanner(description: StartupSummary): string {
  const { url, lambdaUrl, docsUrl, routes, functions, commands, queues, maxEnvironments, ignored } = description;
  const lines = [`The API is served at ${address(url)}, Lambda's Invoke operation at ${address(lambdaUrl)}`];
  lines.push(`A page to try it is at ${address(docsUrl)}, the API reference at ${address(`${docsUrl}/reference`)}`, '');
  for (const { route, invokes, issuer } of routes) {
    lines.push(`  ${route}  ->  ${invokes}${issuer ? `, with a token of ${issuer}` : ''}`);
  }
  for (const { name, bytes, memoryMb, timeoutSeconds } of functions) {
    lines.push(`  ${name}: ${bytes.toLocaleString('en')} bytes, ${memoryMb} MB, ${timeoutSeconds} s`);
  }
  lines.push('', ...commands.map((command) => `  ${command}`), '');
  for (const { path, records } of queues) lines.push(`Queue ${path}: ${count(records, 'record')}`);
  lines.push(
    '',
    `At most ${count(maxEnvironments, 'execution environment')} of each version of a function (MAX_ENVIRONMENTS).`,
    `Of the stack, no request meets: ${ignored.join(', ') || 'nothing'}.`,
  );
  return lines.join('\n');
}

/** Such as `1 attempt`, `2 attempts`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function address(url: string): string {
  return styleText(['cyan', 'underline'], url);
}
