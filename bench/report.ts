/** Renders the results as Markdown. */
import type { Goal } from './goals.ts';
import type { FunctionResult } from './measure-functions.ts';
import type { GatewayResult } from './measure-gateways.ts';
import type { RecordsResult } from './measure-records.ts';
import type { TriggerResult } from './measure-triggers.ts';
import type { MemorySize } from './memory-sizes.ts';
import type { Quartiles } from './quartiles.ts';

export interface Results {
  date: string;
  machine: string;
  node: string;
  quick: boolean;
  functions: FunctionResult[];
  records: RecordsResult;
  /** Bytes of the deployed bundle by module, largest first. */
  modules: { module: string; bytes: number }[];
  memory: MemorySize[];
  gateways: GatewayResult[];
  triggers: TriggerResult[];
  goals: Goal[];
}

export function markdown(results: Results): string {
  const { date, machine, node, quick, functions, records, modules, memory, gateways, triggers, goals } = results;
  return `# Results

Written by \`npm run bench\` on ${date}: ${machine}, Node.js ${node}.${quick ? ' A quick run with few rounds and short loads.' : ''} Generated; do not edit. [How it is measured](../README.md).

Medians, with quartiles in parentheses. All peers take turns in one run. The machine is shared, so compare ratios, not absolute figures.

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

- **cold**: import and first invocation, in a process that has loaded the modules of the runtime client.
- **warm**: one invocation in the same process, with a valid or an invalid request. The runtime client formats the log line and writes it to the null device. "without log line" has the log level WARN.
- **heap**: after 10,000 invocations.
- **contract**: cases with the right status and feeling.

Under AWS's runtime client (\`aws-lambda-ric\`), as \`npm start\` runs it:

${table(
  [
    '',
    'start to first response, ms',
    'invocations per second',
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

### The function for records

${table(
  ['bytes', 'cold ms, one record', 'warm ms, ten records'],
  [[whole(records.bytes), spread(records.coldMs), spread(records.warmBatchMs)]],
)}

Both have the request to an SQS on the same machine. Node loads \`fetch\` at the first one.

### Where peers differ from the contract

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

### Memory size

Computed from the CPU time above. A function has one core at 1,769 MB, and a proportional share below. The costs are for a million requests with one cold start in a thousand.

${table(
  ['MB', 'warm ms', 'cold ms', 'dollars per million'],
  memory.map(({ memoryMb, warmMs, coldMs, dollars }) => [
    whole(memoryMb),
    figure(warmMs),
    whole(coldMs),
    dollars.toFixed(3),
  ]),
)}

## The local gateway

${table(
  ['', 'connections', 'requests per second', 'p50 ms', 'p99 ms', 'CPU ms per request', 'peak MB', 'errors'],
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

Start to first response: ${gateways.map(({ name, firstResponseMs }) => `${name} ${spread(firstResponseMs)} ms`).join(', ')}.

![Requests per second, p99 and CPU time per request by the number of connections](gateways.svg)

## Invocations and messages

One run of \`npm start\` by trigger, with ten connections.

${triggersTable(triggers)}

## Goals

Ratios are medians over the rounds, computed within each round.

${table(
  ['goal', 'value', 'met'],
  goals.map(({ goal, value, met }) => [goal, figure(value), met ? 'yes' : '**no**']),
)}
`;
}

/** Returns what `npm start` accepts and answers a second, by trigger. */
export function triggersTable(triggers: TriggerResult[]): string {
  return table(
    ['', 'accepted per second', 'answered per second', 'CPU ms per answer'],
    triggers.map(({ trigger, acceptedPerSecond, answeredPerSecond, cpuMs }) => [
      trigger,
      spread(acceptedPerSecond),
      spread(answeredPerSecond),
      spread(cpuMs),
    ]),
  );
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n');
}

function spread({ median, lower, upper }: Quartiles): string {
  return `${figure(median)} (${figure(lower)}–${figure(upper)})`;
}

/** Formats a number with three significant digits. */
function figure(value: number): string {
  return value >= 100 ? whole(value) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}
