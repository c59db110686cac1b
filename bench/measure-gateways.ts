import autocannon from 'autocannon';
import type { StartGateway } from './gateways.ts';
import { usageOf } from './process-tree.ts';
import { type Quartiles, quartilesOf } from './quartiles.ts';

export interface GatewayResult {
  name: string;
  /** From the start of the process to the first response. */
  firstResponseMs: Quartiles;
  loads: LoadResult[];
}

export interface LoadResult {
  connections: number;
  perSecond: Quartiles;
  p50Ms: Quartiles;
  p99Ms: Quartiles;
  /** CPU milliseconds per request with a 200. */
  cpuMs: Quartiles;
  peakMb: number;
  /** Requests without a response, or not with 200. */
  errors: number;
  /** Why the load ended early, if it did. */
  ended?: string;
}

/** A server with more memory is killed, to protect the machine. */
const memoryLimitMb = 6000;
const sampleMs = 250;

/**
 * Measures all gateways in turn, round by round.
 * @param effort `seconds` of each load, after `warmUp` seconds that start environments and compile code
 */
export async function measureGateways(
  gateways: Record<string, StartGateway>,
  effort: { connections: number[]; rounds: number; warmUp: number; seconds: number },
  progress: (text: string) => void,
): Promise<GatewayResult[]> {
  const { connections: connectionCounts, rounds, warmUp, seconds } = effort;
  const measured = Object.entries(gateways).map(([name, start]) => ({
    name,
    start,
    firstResponse: [] as number[],
    loads: connectionCounts.map((connections) => ({ connections, runs: [] as Load[] })),
  }));
  for (let round = 0; round < rounds; round++) {
    for (const index of connectionCounts.keys()) {
      for (const { name, start, firstResponse, loads } of measured) {
        const load = loads[index];
        if (!load) continue;
        progress(`${name}, ${load.connections} connections, round ${round + 1} of ${rounds}`);
        const begun = performance.now();
        await using gateway = await start();
        const response = await fetch(gateway.url, { method: 'POST', headers, body });
        if (!response.ok) throw new Error(`${name} responds with ${response.status}`);
        await response.arrayBuffer();
        firstResponse.push(performance.now() - begun);
        await loadOf(gateway, load.connections, warmUp);
        load.runs.push(await loadOf(gateway, load.connections, seconds));
      }
    }
  }
  return measured.map(({ name, firstResponse, loads }) => ({
    name,
    firstResponseMs: quartilesOf(firstResponse),
    loads: loads.map(({ connections, runs }) => {
      const ended = runs.find((run) => run.ended)?.ended;
      return {
        connections,
        perSecond: quartilesOf(runs.map((run) => run.perSecond)),
        p50Ms: quartilesOf(runs.map((run) => run.p50Ms)),
        p99Ms: quartilesOf(runs.map((run) => run.p99Ms)),
        cpuMs: quartilesOf(runs.map((run) => run.cpuMs)),
        peakMb: Math.max(...runs.map((run) => run.peakMb)),
        errors: runs.reduce((sum, run) => sum + run.errors, 0),
        ...(ended && { ended }),
      };
    }),
  }));
}

interface Load {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  cpuMs: number;
  peakMb: number;
  errors: number;
  ended?: string;
}

const headers = { 'content-type': 'application/json' };
const body = '{"emoji_type":0,"message":"shipped! 🎉"}';

async function loadOf({ url, pid }: { url: string; pid: number }, connections: number, seconds: number): Promise<Load> {
  const before = await usageOf(pid);
  let last = before;
  let peakMb = before.residentMb;
  let ended: string | undefined;
  const start = performance.now();
  const run = autocannon({ url, connections, duration: seconds, timeout: 10, method: 'POST', headers, body });
  const sampling = setInterval(async () => {
    const usage = await usageOf(pid);
    if (usage.residentMb === 0) return;
    last = usage;
    peakMb = Math.max(peakMb, usage.residentMb);
    if (usage.residentMb > memoryLimitMb && !ended) {
      ended = `took more than ${memoryLimitMb} MB`;
      process.kill(pid, 'SIGKILL');
    }
  }, sampleMs);
  const result = await run;
  clearInterval(sampling);
  const took = (performance.now() - start) / 1000;
  const after = await usageOf(pid);
  const used = (after.residentMb > 0 ? after : last).cpuMs - before.cpuMs;
  const answered = result['2xx'];
  return {
    perSecond: answered / took,
    // Without a response, every request waited until the end.
    p50Ms: answered > 0 ? result.latency.p50 : took * 1000,
    p99Ms: answered > 0 ? result.latency.p99 : took * 1000,
    cpuMs: used / Math.max(answered, 1),
    peakMb,
    errors: result.errors + result.timeouts + result.non2xx,
    ...(ended && { ended }),
  };
}
