import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { stop as stopBundler } from 'esbuild';
import { bundleFunctionAsync } from '../../function-bundle.ts';
import { projectRoot } from '../../project-root.ts';
import { readAssembly } from '../cloud-assembly/read-assembly.ts';
import type { LocalRuntime } from '../local-runtime.ts';
import { type BuildErrorReport, buildErrorOf, type ChangeReport } from './build-error.ts';
import { FileWatcher } from './file-watcher.ts';
import { modulesOf } from './module-graph.ts';
import { SynthRunner } from './synth-runner.ts';

const bundler = 'infra/function-bundle.ts';
/** A save is several events, and several files are often saved together. */
const quietMs = 40;

export interface EditFollowerOptions {
  /** Where bundles and assemblies are to be. It stays whoever made it that removes it. */
  directory: string;
  /** Of the CDK. */
  context: Record<string, string>;
  report(event: ChangeReport | BuildErrorReport): void;
}

/** What is to be made anew, from the least to the most. Each includes those before it. */
const remakes = ['functions', 'stack', 'contract'] as const;
type Remake = (typeof remakes)[number];

/**
 * Brings edits of the sources into the service of a runtime. One rebuild comes after the other, and has in it
 * whatever has been saved by then.
 */
export class DevWatcher {
  private readonly options: EditFollowerOptions;
  private readonly synthesis = new SynthRunner();
  private sources: FileWatcher | undefined;
  private runtime: LocalRuntime | undefined;
  /** Of the latest synthesis. */
  private assembly: string;
  /** The modules of stack and generator, as they are served. */
  private modules: { stack: ReadonlySet<string>; generator: ReadonlySet<string> } | undefined;
  /** Whether the bundler of this process, which was loaded once, is the one of the sources. */
  private canBundle = true;
  /** What could not be made, and still is to be. */
  private overdue: Remake | undefined;
  private timer: NodeJS.Timeout | undefined;
  private work: Promise<void> = Promise.resolve();
  private stopped = false;

  /** Notices edits from now on; they wait until there is a runtime to follow them. */
  static async start(options: EditFollowerOptions): Promise<DevWatcher> {
    const follower = new DevWatcher(options);
    const folders = ['functions', 'shared', 'infra'];
    const noticed = () => follower.noticed();
    follower.sources = await FileWatcher.open({ root: projectRoot, folders, files: ['openapi.yaml'], noticed });
    return follower;
  }

  private constructor(options: EditFollowerOptions) {
    this.options = options;
    this.assembly = options.directory;
  }

  /** Has a runtime that serves the assembly in the directory follow the edits. */
  follow(runtime: LocalRuntime): void {
    this.runtime = runtime;
    this.noticed();
  }

  /** Follows no more, and ends what is under way. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    this.sources?.close();
    this.synthesis.kill();
    await this.work;
    await stopBundler();
  }

  /** Ends what it has started at once: for a process that must not go on. */
  kill(): void {
    this.synthesis.kill();
  }

  private noticed(): void {
    clearTimeout(this.timer);
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.work = this.work.then(() => this.bringIn());
    }, quietMs);
  }

  private async bringIn(): Promise<void> {
    const { runtime, sources } = this;
    if (!runtime || !sources || this.stopped) return;
    const started = performance.now();
    const files = await sources.changes();
    try {
      this.modules ??= await this.readModules();
      const remade = this.remakeFor(files);
      if (!remade || files.length === 0) return;
      this.overdue = remade;
      const functions = await (remade === 'functions' ? this.bundle(runtime) : this.synthesise(runtime, remade));
      this.overdue = undefined;
      this.options.report({ event: 'changed', files, remade, functions, milliseconds: performance.now() - started });
    } catch (error) {
      // Where nobody can tell what the files belong to, it may be anything.
      if (!this.modules) this.overdue = 'contract';
      if (!this.stopped) this.options.report({ event: 'error', files, ...buildErrorOf(error) });
    }
  }

  private remakeFor(files: string[]): Remake | undefined {
    const needed = files.map((file): Remake | undefined => {
      if (file === 'openapi.yaml' || this.modules?.generator.has(file)) return 'contract';
      if (this.modules?.stack.has(file)) return 'stack';
      return file.startsWith('infra/') ? undefined : 'functions';
    });
    if (files.includes(bundler)) this.canBundle = false;
    const remake = remakes.findLast((one) => needed.includes(one) || one === this.overdue);
    return remake === 'functions' && !this.canBundle ? 'stack' : remake;
  }

  private async readModules() {
    const [stack, generator] = await Promise.all(
      ['infra/app.ts', 'infra/contract/generated-contract.ts'].map((entry) => modulesOf(projectRoot, entry)),
    );
    return { stack: stack ?? new Set<string>(), generator: generator ?? new Set<string>() };
  }

  /** Bundles each function; those whose bytes are other are swapped. */
  private async bundle(runtime: LocalRuntime): Promise<string[]> {
    const bundles = new Map<string, string>();
    for (const { entry } of runtime.assembly.functions) {
      if (entry) bundles.set(entry, await mkdtemp(join(this.options.directory, 'bundle-')));
    }
    await Promise.all(bundles.entries().map(([entry, directory]) => bundleFunctionAsync(entry, directory)));
    return runtime.replace(await readAssembly(this.assembly, bundles));
  }

  private async synthesise(runtime: LocalRuntime, remade: Remake): Promise<string[]> {
    const { context } = this.options;
    const directory = await mkdtemp(join(this.options.directory, 'assembly-'));
    // It says better than Node where a module is wrong.
    const modules = await this.readModules();
    try {
      await this.synthesis.run({ directory, context, generate: remade === 'contract' });
    } finally {
      // It may have been generated, whatever came after.
      if (remade === 'contract') await this.sources?.see('shared/contract.gen.ts');
    }
    const functions = await runtime.replace(await readAssembly(directory));
    this.assembly = directory;
    this.modules = modules;
    return functions;
  }
}
