/** The results as Markdown. */
import type { Goal } from './goals.ts';
import type { FunctionResult } from './measure-functions.ts';
import type { GatewayResult } from './measure-gateways.ts';
import type { MemorySize } from './memory-sizes.ts';
import type { Quartiles } from './quartiles.ts';

export interface Results {
  date: string;
  machine: string;
  node: string;
  quick: boolean;
  functions: FunctionResult[];
  /** Bytes of the deployed bundle by module, the largest first. */
  modules: { module: string; bytes: number }[];
  memory: MemorySize[];
  gateways: GatewayResult[];
  goals: Goal[];
}

export function markdown(results: Results): string {
  const { date, machine, node, quick, functions, modules, memory, gateways, goals } = results;
  return `# Measurements

Written by \`npm run bench\` on ${date}: ${machine}, Node.js ${node}.${quick ? ' A quick run: few rounds, short loads.' : ''} Medians, with the quartiles in parentheses; all contenders take turns in one run. The machine is a shared one, so it is the ratios that count.

## The function

${table(
  ['', 'bytes', 'cold ms', 'warm µs, valid', 'invalid', 'without log line, valid', 'invalid', 'heap MB', 'contract'],
  functions.map(({ name, bytes, coldMs, warmUs, heapBytes, conformance }) => [
    name,
    whole(bytes),
    spread(coldMs),
    spread(warmUs.valid.logging),
    spread(warmUs.invalid.logging),
    spread(warmUs.valid.silent),
    spread(warmUs.invalid.silent),
    (heapBytes.after10k / 2 ** 20).toFixed(2),
    `${conformance.passed} of ${conformance.cases}`,
  ]),
)}

Cold is import and first invocation in a process that has loaded what the runtime client loads; warm is an invocation there, by what is sent, with the log line formatted by the runtime client and written to the null device, and then with the log level at WARN. Heap is after 10,000 invocations. The contract is the number of cases that the handler answers with the right status and feeling.

Under AWS's runtime client (\`aws-lambda-ric\`), through the Runtime API as \`npm start\` serves it:

${table(
  [
    '',
    'start to first answer, ms',
    'invocations a second',
    'without log line',
    'CPU of the start, ms',
    'CPU of an invocation, ms',
    'peak MB',
  ],
  functions.map(({ name, runtimeClient: { firstResponseMs, perSecond, coldCpuMs, warmCpuMs, peakMb } }) => [
    name,
    spread(firstResponseMs),
    spread(perSecond.logging),
    spread(perSecond.silent),
    spread(coldCpuMs),
    spread(warmCpuMs),
    whole(peakMb),
  ]),
)}

### What the contenders do otherwise than the contract says

${functions
  .map(({ name, packages, conformance: { differs, formDiffers } }) => {
    const what = [...differs, ...(formDiffers.length > 0 ? [`the headers or body of ${formDiffers.join(', ')}`] : [])];
    return `- **${name}**${packages.length > 0 ? ` (${packages.join(', ')})` : ''}: ${what.join('; ') || 'nothing'}`;
  })
  .join('\n')}

### The deployed bundle by module

${table(
  ['module', 'bytes'],
  modules.map(({ module, bytes }) => [module, whole(bytes)]),
)}

### What the memory size means

Reckoned from the processor time above (a function has one core at 1,769 MB, and less in proportion): milliseconds of an invocation and of a cold start, and dollars for a million requests of which one in a thousand is cold.

${table(
  ['MB', 'warm ms', 'cold ms', 'dollars a million'],
  memory.map(({ memoryMb, warmMs, coldMs, dollars }) => [
    whole(memoryMb),
    figure(warmMs),
    whole(coldMs),
    dollars.toFixed(3),
  ]),
)}

## The local gateway

${table(
  ['', 'connections', 'requests a second', 'p50 ms', 'p99 ms', 'CPU ms a request', 'peak MB', 'errors'],
  gateways.flatMap(({ name, loads }) =>
    loads.map(({ connections, perSecond, p50Ms, p99Ms, cpuMs, peakMb, errors, ended }) => [
      name,
      whole(connections),
      spread(perSecond),
      spread(p50Ms),
      spread(p99Ms),
      spread(cpuMs),
      whole(peakMb),
      ended ? `${whole(errors)}; ${ended}` : whole(errors),
    ]),
  ),
)}

Start to first answer: ${gateways.map(({ name, firstResponseMs }) => `${name} ${spread(firstResponseMs)} ms`).join(', ')}.

![Requests a second, p99 and CPU of a request by the number of connections](gateways.svg)

## Goals

Ratios are medians over the rounds, each compared within its round.

${table(
  ['', 'is', 'met'],
  goals.map(({ goal, value, met }) => [goal, figure(value), met ? 'yes' : '**no**']),
)}
`;
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n');
}

function spread({ median, lower, upper }: Quartiles): string {
  return `${figure(median)} (${figure(lower)}–${figure(upper)})`;
}

/** Three digits, as far as they are worth anything. */
function figure(value: number): string {
  return value >= 100 ? whole(value) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}
