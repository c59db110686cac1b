/** Runs all measurements and writes the results. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../infra/project-root.ts';
import { startOurs, startServerlessOffline } from './gateways.ts';
import { functionGoals, gatewayGoals } from './goals.ts';
import { measureFunctions } from './measure-functions.ts';
import { measureGateways } from './measure-gateways.ts';
import { measureRecords } from './measure-records.ts';
import { measureTriggers } from './measure-triggers.ts';
import { memorySizes } from './memory-sizes.ts';
import { buildPeers, ours } from './peers.ts';
import { gatewayPlot } from './plot.ts';
import { markdown, triggersTable } from './report.ts';

const thorough = {
  functions: { cold: 61, warm: 9, batches: 3, runtimeClient: 7, invocations: 1500, heap: 1_000_000 },
  gateways: { connections: [1, 10, 50, 500], rounds: 3, warmUp: 4, seconds: 5 },
  triggers: { rounds: 3, answers: 5000 },
};
const quick = {
  functions: { cold: 3, warm: 1, batches: 1, runtimeClient: 1, invocations: 200, heap: 11_000 },
  gateways: { connections: [10], rounds: 1, warmUp: 1, seconds: 1 },
  triggers: { rounds: 1, answers: 500 },
};

/**
 * Measures functions and gateways, and writes the results.
 * @param options `quick` for few rounds and short loads; `out` for the folder of the results
 */
export async function measure(options: { quick: boolean; out: string | undefined }): Promise<void> {
  const effort = options.quick ? quick : thorough;
  const directory = await mkdtemp(join(tmpdir(), 'feeling-bench-'));
  try {
    const peers = await buildPeers(directory);
    const functions = await measureFunctions(peers, effort.functions, progress);
    progress('the function for records');
    const records = await measureRecords(effort.functions.cold);
    const us = peers.find(({ name }) => name === ours);
    const measured = functions.find(({ name }) => name === ours);
    if (!us || !measured) throw new Error(`${ours} is not among the peers.`);
    const gateways = await measureGateways(
      { 'npm start': () => startOurs(), 'serverless-offline': () => startServerlessOffline(us.file) },
      effort.gateways,
      progress,
    );
    const triggers = await measureTriggers(effort.triggers, progress);
    const results = {
      date: new Date().toISOString().slice(0, 10),
      machine: `${cpus().length} × ${cpus()[0]?.model.trim()}, ${process.platform} ${process.arch}`,
      node: process.version,
      quick: options.quick,
      functions,
      records,
      modules: us.modules ?? [],
      memory: memorySizes(measured.runtimeClient),
      gateways,
      triggers,
      goals: [...functionGoals(functions), ...gatewayGoals(gateways)],
    };
    const out =
      options.out ?? (options.quick ? await mkdtemp(join(tmpdir(), 'feeling-bench-results-')) : resultsFolder());
    await mkdir(out, { recursive: true });
    const text = markdown(results);
    await writeFile(join(out, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
    await writeFile(join(out, 'RESULTS.md'), text);
    await writeFile(join(out, 'gateways.svg'), await gatewayPlot(gateways));
    console.log(`${text}\nWritten to ${out}`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Measures `npm start` by trigger, and prints the table. */
export async function printTriggers({ quick: isQuick }: { quick: boolean }): Promise<void> {
  const { triggers } = isQuick ? quick : thorough;
  console.log(triggersTable(await measureTriggers(triggers, progress)));
}

function resultsFolder(): string {
  return join(projectRoot, 'bench/results');
}

function progress(text: string): void {
  console.error(text);
}
