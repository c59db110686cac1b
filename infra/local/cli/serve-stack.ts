import { rmSync } from 'node:fs';
import { readContract } from '../../contract/contract-document.ts';
import { escapeControlJson } from '../../escape-control.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { Journal } from '../async/journal.ts';
import { DocsServer } from '../docs/docs-server.ts';
import { LocalRuntime } from '../local-runtime.ts';
import { startupSummary } from '../reporter/startup-summary.ts';
import type { LocalRuntimeEvent } from '../runtime-event.ts';
import { SynthRunner } from '../watch/synth-runner.ts';
import { refuseTakenPorts } from './free-ports.ts';
import { shutDownGracefully } from './graceful-shutdown.ts';
import { routesReporter } from './routes-reporter.ts';
import type { ServeOptions } from './serve-options.ts';
import { openOutput, type ServedOutput } from './served-output.ts';
import { sourceTranslator } from './source-translator.ts';

/**
 * Synthesises the stack and serves it, until the process receives a signal to stop.
 * @throws {Error} when the stack cannot be synthesised or served; `errorMessage` says what to do.
 */
export async function serveStack({ output: format, verbose, ...options }: ServeOptions): Promise<void> {
  const output = openOutput({ output: format, verbose });
  const { report } = output;
  const resources = new AsyncDisposableStack();
  const cutShort = new AbortController();
  shutDownGracefully({
    outputs: output.streams,
    async stop(reason) {
      report({ event: 'stopping', reason, again: false });
      await resources.disposeAsync();
      report({ event: 'stopped' });
      await output.flush();
      process.exit();
    },
    cutShort(reason) {
      report({ event: 'stopping', reason, again: true });
      cutShort.abort();
    },
  });
  try {
    await start(options, output, resources, cutShort.signal);
  } catch (error) {
    // A stop ends what was starting, which then fails.
    if (resources.disposed) return;
    await resources.disposeAsync();
    throw error;
  }
}

/** Starts everything that a stop ends, in the reverse order. */
async function start(
  {
    context,
    watch,
    docsPort,
    journaled,
    inspect,
    timeline: hasTimeline,
    ...options
  }: Omit<ServeOptions, 'output' | 'verbose'>,
  { report, printError }: ServedOutput,
  resources: AsyncDisposableStack,
  cutShort: AbortSignal,
): Promise<void> {
  await refuseTakenPorts([options.port, options.lambdaPort, docsPort]);
  const { queueDirectory } = options;
  const journal = journaled ? await Journal.open(queueDirectory, report) : undefined;
  const directory = await temporaryFolder();
  const removeFolder = () => rmSync(directory, { recursive: true, force: true });
  process.on('exit', removeFolder);
  resources.defer(removeFolder);

  // Notices edits during the synthesis too. Loaded only where it is needed.
  const watcher =
    watch &&
    (await (
      await import('../watch/dev-watcher.ts')
    ).DevWatcher.start({ directory, context, hasSourceMaps: inspect !== undefined }));
  const synthesis = resources.use(new SynthRunner());
  await synthesis.run({ directory, context, generate: false });
  if (inspect) await (await import('../watch/add-source-maps.ts')).addSourceMaps(directory);

  const translate = sourceTranslator();
  const timeline = hasTimeline ? new (await import('../timeline/timeline.ts')).Timeline({ translate }) : undefined;
  const started = Promise.withResolvers<void>();
  const runtime = await LocalRuntime.start(directory, {
    ...options,
    started: started.promise,
    report: timeline ? reportToBoth(report, timeline.report) : report,
    record: timeline?.record,
    journal,
    inspect,
    translate,
  });
  process.on('exit', () => runtime.kill());
  cutShort.addEventListener('abort', () => runtime.cutShort());
  resources.defer(async () => {
    for (const record of await runtime.stop()) {
      process.exitCode = 1;
      await printError(`Could not be written: ${escapeControlJson(record)}`);
    }
  });
  const requiresToken = () => [...runtime.assembly.api.routes.values()].some(({ authorization }) => authorization);
  const inspectors = runtime.assembly.functions.map(({ name, inspector }) => ({
    function: name,
    port: inspector?.port,
  }));
  const inspectorPorts = inspectors.flatMap(({ port }) => port ?? []);
  await refuseTakenPorts(inspectorPorts, 'INSPECT_PORT=9300 npm run dev -- --inspect');
  const shown = timeline && { timeline, lambdaUrl: runtime.lambdaUrl };
  const docs = await DocsServer.start(runtime.url, docsPort, requiresToken, shown);
  resources.defer(() => docs.stop());

  const { operations } = await readContract();
  const stage = context['stage'] ?? 'dev';
  const facts = { docsUrl: docs.url, stage, watches: watch, maxEnvironments: options.maxEnvironments };
  report({ event: 'ready', ...(await startupSummary(runtime, operations, facts)), milliseconds: performance.now() });
  started.resolve();
  if (inspect) report({ event: 'inspecting', inspectors, waits: inspect.waits });
  if (!watcher) return;
  resources.defer(() => watcher.stop());
  watcher.watch(runtime, routesReporter(runtime, stage, report));
}

function reportToBoth(
  report: (event: LocalRuntimeEvent) => void,
  second: (event: LocalRuntimeEvent) => void,
): (event: LocalRuntimeEvent) => void {
  return (event) => {
    report(event);
    second(event);
  };
}
