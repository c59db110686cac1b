import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { projectRoot } from '../infra/project-root.ts';
import { type Conformance, conformanceOf } from './conformance.ts';
import { invalidEvent, validEvent } from './events.ts';
import { FunctionEnvironment } from './function-environment.ts';
import { byHand, ours, type Peer } from './peers.ts';
import { usageOf } from './process-tree.ts';
import { type Quartiles, quartilesOf } from './quartiles.ts';

export interface FunctionResult {
  name: string;
  packages: string[];
  bytes: number;
  conformance: Conformance;
  /** Import and first invocation, in a process that has loaded the modules of the runtime client. */
  coldMs: Quartiles;
  /** One invocation, by request and by whether it writes the log line. */
  warmUs: Record<'valid' | 'invalid', Record<'logging' | 'silent', Quartiles>>;
  heapBytes: { after10k: number; after1M?: number };
  runtimeClient: RuntimeClientResult;
}

/** Under aws-lambda-ric, as the local runtime runs it. */
export interface RuntimeClientResult {
  /** From the start of the process to the first response. */
  firstResponseMs: Quartiles;
  /** Invocations per second, by whether each writes the log line. */
  perSecond: Record<'logging' | 'silent', Quartiles>;
  /** CPU time until the first response. */
  coldCpuMs: Quartiles;
  /** CPU time per invocation, including the runtime client. */
  warmCpuMs: Quartiles;
  peakMb: number;
}

export interface Rounds {
  cold: number;
  warm: number;
  /** Batches of 1,000 invocations in each round. */
  batches: number;
  runtimeClient: number;
  invocations: number;
  /** Invocations after which the heap is measured again. */
  heap: number;
}

const numbers = z.array(z.number());

/** Measures all peers in turn, round by round, so that other load on the machine affects them equally. */
export async function measureFunctions(
  peers: Peer[],
  rounds: Rounds,
  progress: (text: string) => void,
): Promise<FunctionResult[]> {
  const measured = peers.map((peer) => ({
    peer,
    cold: empty(),
    warm: { valid: { logging: empty(), silent: empty() }, invalid: { logging: empty(), silent: empty() } },
    firstResponse: empty(),
    perSecond: { logging: empty(), silent: empty() },
    coldCpu: empty(),
    warmCpu: empty(),
    peakMb: empty(),
  }));

  progress('the contract');
  const conformances = new Map<string, Conformance>();
  for (const { name, directory } of peers) {
    await copyFile(join(projectRoot, 'bench/probe.mjs'), join(directory, 'probe.mjs'));
    conformances.set(name, await conformanceOf(name, directory));
  }

  progress('cold starts');
  for (let round = 0; round < rounds.cold; round++) {
    for (const { peer, cold } of measured) {
      cold.push(z.number().parse(await probe(peer, { measure: 'cold', event: validEvent })));
    }
  }

  progress('warm invocations');
  const events = [validEvent, invalidEvent];
  for (let round = 0; round < rounds.warm; round++) {
    for (const { peer, warm } of measured) {
      for (const [kind, logLevel] of [
        ['logging', 'INFO'],
        ['silent', 'WARN'],
      ] as const) {
        const question = { measure: 'warm', events, batches: rounds.batches, size: 1000 };
        const [valid, invalid] = z.tuple([numbers, numbers]).parse(await probe(peer, question, logLevel));
        warm.valid[kind].push(quartilesOf(valid).median);
        warm.invalid[kind].push(quartilesOf(invalid).median);
      }
    }
  }

  progress("under AWS's runtime client");
  for (let round = 0; round < rounds.runtimeClient; round++) {
    for (const { peer, firstResponse, perSecond, coldCpu, warmCpu, peakMb } of measured) {
      const before = await usageOf(process.pid);
      const ownCpuBefore = ownCpuMs();
      const start = performance.now();
      await using environment = new FunctionEnvironment({
        directory: peer.directory,
        handler: 'index.handler',
      });
      await environment.invoke(validEvent);
      firstResponse.push(performance.now() - start);
      const childCpu = async () => (await usageOf(process.pid)).cpuMs - before.cpuMs - (ownCpuMs() - ownCpuBefore);
      const cold = await childCpu();
      coldCpu.push(cold);
      await warmUp(environment, rounds.invocations);
      const warmBefore = await childCpu();
      perSecond.logging.push(await invocationsPerSecond(environment, rounds.invocations));
      warmCpu.push(((await childCpu()) - warmBefore) / rounds.invocations);
      const { report } = await environment.invoke(validEvent, true);
      peakMb.push(report?.maxMemoryMb ?? 0);
    }
    for (const { peer, perSecond } of measured) {
      const { directory } = peer;
      await using environment = new FunctionEnvironment({ directory, handler: 'index.handler', logLevel: 'WARN' });
      await warmUp(environment, rounds.invocations);
      perSecond.silent.push(await invocationsPerSecond(environment, rounds.invocations));
    }
  }

  progress('heap');
  const results: FunctionResult[] = [];
  for (const { peer, cold, warm, firstResponse, perSecond, coldCpu, warmCpu, peakMb } of measured) {
    const { name, packages, bytes } = peer;
    const far = name === ours || name === byHand;
    const after = far ? [10_000, rounds.heap] : [10_000];
    const [after10k = 0, after1M] = numbers.parse(await probe(peer, { measure: 'heap', event: validEvent, after }));
    const conformance = conformances.get(name);
    if (!conformance) throw new Error(`${name} has no conformance result.`);
    results.push({
      name,
      packages,
      bytes,
      conformance,
      coldMs: quartilesOf(cold),
      warmUs: {
        valid: { logging: quartilesOf(warm.valid.logging), silent: quartilesOf(warm.valid.silent) },
        invalid: { logging: quartilesOf(warm.invalid.logging), silent: quartilesOf(warm.invalid.silent) },
      },
      heapBytes: { after10k, ...(after1M !== undefined && { after1M }) },
      runtimeClient: {
        firstResponseMs: quartilesOf(firstResponse),
        perSecond: { logging: quartilesOf(perSecond.logging), silent: quartilesOf(perSecond.silent) },
        coldCpuMs: quartilesOf(coldCpu),
        warmCpuMs: quartilesOf(warmCpu),
        peakMb: quartilesOf(peakMb).median,
      },
    });
  }
  return results;
}

/** Invokes the function until its code is compiled. */
async function warmUp(environment: FunctionEnvironment, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await environment.invoke(validEvent);
}

async function invocationsPerSecond(environment: FunctionEnvironment, count: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < count; i++) await environment.invoke(validEvent);
  return count / ((performance.now() - start) / 1000);
}

async function probe({ directory }: Peer, question: object, logLevel: 'INFO' | 'WARN' = 'INFO'): Promise<unknown> {
  await using environment = new FunctionEnvironment({
    directory,
    handler: 'probe.handler',
    logLevel,
  });
  return (await environment.invoke(question)).answer;
}

function empty(): number[] {
  return [];
}

function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
