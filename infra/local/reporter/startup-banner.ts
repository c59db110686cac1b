import { styleText } from 'node:util';
import type { ServedRoute, StartupSummary } from './startup-summary.ts';

/**
 * Returns what is served and where, with commands to try it.
 * @param verbose whether to list every resource type that is not emulated
 */
export function startupBanner(summary: StartupSummary, verbose: boolean): string {
  const { url, lambdaUrl, docsUrl, routes, functions, commands, maxEnvironments, ignored } = summary;
  const lines = [
    `The API is served at ${address(url)}, Lambda and the other AWS services at ${address(lambdaUrl)}`,
    `A page to try it is at ${address(docsUrl)}, the API reference at ${address(`${docsUrl}/reference`)}`,
    '',
    ...routes.map(routeLine),
  ];
  for (const { name, bytes, memoryMb, timeoutSeconds } of functions) {
    lines.push(`  ${name}: ${bytes.toLocaleString('en')} bytes, ${memoryMb} MB, ${timeoutSeconds} s`);
  }
  lines.push('', ...commands.map((command) => `  ${command}`), '');
  for (const kind of ['queues', 'topics', 'buses', 'schedules'] as const) {
    const names = summary[kind];
    if (names.length > 0) lines.push(`${kind}: ${names.join(', ')}`);
  }
  lines.push(
    '',
    `Each version of a function runs in at most ${count(maxEnvironments, 'execution environment')} (MAX_ENVIRONMENTS).`,
  );
  if (ignored.length > 0) {
    const types = verbose ? ignored.join(', ') : `${count(ignored.length, 'resource type')} (--verbose lists them)`;
    lines.push(`Not emulated, because no request reaches it: ${types}.`);
  }
  return lines.join('\n');
}

/** Returns a line such as `  POST /feeling  ->  feeling-http-dev:live`. */
export function routeLine({ route, invokes, issuer }: ServedRoute): string {
  return `  ${route}  ->  ${invokes}${issuer ? `, with a token of ${issuer}` : ''}`;
}

/** Returns a number with its noun: `1 attempt`, `2 attempts`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function address(url: string): string {
  return styleText(['cyan', 'underline'], url);
}
