import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { stopService } from '../../esbuild-service.ts';
import { bundleFunctionAsync } from '../../function-bundle.ts';
import { projectRoot } from '../../project-root.ts';
import { readAssembly } from '../cloud-assembly/read-assembly.ts';
import type { Assembly } from '../cloud-assembly/stack-model.ts';
import type { LocalRuntime } from '../local-runtime.ts';
import { addSourceMaps } from './add-source-maps.ts';
import { buildErrorOf } from './build-error.ts';
import type { EditReport } from './edit-report.ts';
import { FileWatcher } from './file-watcher.ts';
import { modulesOf } from './module-graph.ts';
import { SynthRunner } from './synth-runner.ts';

const bundler = 'infra/function-bundle.ts';
/** A save is several events, and several files are often saved together. */
const quietMs = 40;

export interface DevWatcherOptions {
  /** Where to put bundles and assemblies. The caller removes it. */
  directory: string;
  /** The CDK's. */
  context: Record<string, string>;
  /** Whether bundles have source maps, for a debugger. */
  hasSourceMaps: boolean;
}

/** What is rebuilt, smallest first. Each includes the previous ones. */
const scopes = ['functions', 'stack', 'contract'] as const;
type Scope = (typeof scopes)[number];

/** The modules of stack, contract generator and server, as they run. */
interface Modules {
  stack: ReadonlySet<string>;
  generator: ReadonlySet<string>;
  server: ReadonlySet<string>;
}

/** Serves each edit of the sources in a runtime. Rebuilds run one after the other, each with everything saved by then. */
export class DevWatcher {
  private readonly options: DevWatcherOptions;
  private readonly synthesis = new SynthRunner();
  private sources: FileWatcher | undefined;
  private runtime: LocalRuntime | undefined;
  private report: (event: EditReport) => void = () => {};
  /** The folder of the latest synthesis. */
  private assembly: string;
  private modules: Modules | undefined;
  /** Whether the bundler that this process has loaded is the one in the sources. */
  private canBundle = true;
  /** What could not be built, and still has to be. */
  private overdue: Scope | undefined;
  private timer: NodeJS.Timeout | undefined;
  private work: Promise<void> = Promise.resolve();
  private stopped = false;

  /** Notices edits from now on. They wait until there is a runtime to serve them. */
  static async start(options: DevWatcherOptions): Promise<DevWatcher> {
    const watcher = new DevWatcher(options);
    const folders = ['functions', 'shared', 'infra'];
    const noticed = () => watcher.noticed();
    watcher.sources = await FileWatcher.open({ root: projectRoot, folders, files: ['openapi.yaml'], noticed });
    return watcher;
  }

  private constructor(options: DevWatcherOptions) {
    this.options = options;
    this.assembly = options.directory;
  }

  /** Serves each edit in a runtime, which serves the assembly in the directory so far. */
  watch(runtime: LocalRuntime, report: (event: EditReport) => void): void {
    this.runtime = runtime;
    this.report = report;
    this.noticed();
  }

  /** Stops watching, and ends a rebuild that is running. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    this.sources?.close();
    this.synthesis.kill();
    // Before the rebuild is awaited: it may wait for something that never comes.
    await stopService();
    await this.work;
  }

  private noticed(): void {
    clearTimeout(this.timer);
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.work = this.work.then(() => this.rebuild());
    }, quietMs);
  }

  private async rebuild(): Promise<void> {
    const { runtime, sources } = this;
    if (!runtime || !sources || this.stopped) return;
    const started = performance.now();
    const files = await sources.changes();
    try {
      this.modules ??= await readModules();
      this.reportServerEdits(files, this.modules);
      const remade = this.scopeOf(files);
      if (!remade || files.length === 0) return;
      this.overdue = remade;
      const before = runtime.assembly;
      const functions = await (remade === 'functions' ? this.bundle(runtime) : this.synthesise(runtime, remade));
      this.overdue = undefined;
      const removed = removedFunctions(before, runtime.assembly);
      const milliseconds = performance.now() - started;
      this.report({ event: 'changed', files, remade, functions, removed, milliseconds });
    } catch (error) {
      // Until the modules can be read, the files may belong to any scope.
      if (!this.modules) this.overdue = 'contract';
      if (!this.stopped) this.report({ event: 'error', files, ...buildErrorOf(error) });
    }
  }

  /** Reports edits that only a restart brings into service: of modules that this process alone has loaded. */
  private reportServerEdits(files: string[], { stack, generator, server }: Modules): void {
    const edited = files.filter((file) => server.has(file) && !stack.has(file) && !generator.has(file));
    if (edited.length > 0) this.report({ event: 'restart-needed', files: edited });
  }

  private scopeOf(files: string[]): Scope | undefined {
    const needed = files.map((file): Scope | undefined => {
      if (file === 'openapi.yaml' || this.modules?.generator.has(file)) return 'contract';
      if (this.modules?.stack.has(file)) return 'stack';
      return file.startsWith('infra/') ? undefined : 'functions';
    });
    if (files.includes(bundler)) this.canBundle = false;
    const scope = scopes.findLast((one) => needed.includes(one) || one === this.overdue);
    return scope === 'functions' && !this.canBundle ? 'stack' : scope;
  }

  /** Bundles each function. Those whose bytes changed restart. */
  private async bundle(runtime: LocalRuntime): Promise<string[]> {
    const bundles = new Map<string, string>();
    for (const { entry } of runtime.assembly.functions) {
      if (entry) bundles.set(entry, await mkdtemp(join(this.options.directory, 'bundle-')));
    }
    const { hasSourceMaps: hasSourceMap } = this.options;
    await Promise.all(
      bundles.entries().map(([entry, directory]) => bundleFunctionAsync(entry, directory, { hasSourceMap })),
    );
    return runtime.replace(await readAssembly(this.assembly, bundles));
  }

  private async synthesise(runtime: LocalRuntime, scope: Scope): Promise<string[]> {
    const { context } = this.options;
    const directory = await mkdtemp(join(this.options.directory, 'assembly-'));
    // Of a broken module, esbuild says better than Node where it is broken.
    const modules = await readModules();
    try {
      await this.synthesis.run({ directory, context, generate: scope === 'contract' });
    } finally {
      // Files may have been generated, even if the stack then failed. They are no edit.
      if (scope === 'contract') await this.sources?.see(/\.gen\.ts$/);
    }
    if (this.options.hasSourceMaps) await addSourceMaps(directory);
    const functions = await runtime.replace(await readAssembly(directory));
    this.assembly = directory;
    this.modules = modules;
    return functions;
  }
}

async function readModules(): Promise<Modules> {
  const [stack, generator, server] = await Promise.all([
    modulesOf(projectRoot, 'infra/app.ts'),
    modulesOf(projectRoot, 'infra/contract/generated-contract.ts'),
    modulesOf(projectRoot, 'infra/local/cli/serve.ts'),
  ]);
  return { stack, generator, server };
}

function removedFunctions(before: Assembly, after: Assembly): string[] {
  const names = new Set(after.functions.map(({ name }) => name));
  return before.functions.map(({ name }) => name).filter((name) => !names.has(name));
}
