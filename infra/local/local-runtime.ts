import { join } from 'node:path';
import { type Clock, systemClock } from './async/clock.ts';
import { DestinationFile } from './async/destination-file.ts';
import { type EventEndReport, type RetryReport, undeliveredQueue } from './async/event-queue.ts';
import { RunningFunction } from './async/running-function.ts';
import { readAssembly } from './cloud-assembly/read-assembly.ts';
import { isSameFunction } from './cloud-assembly/same-function.ts';
import type { Assembly, FunctionModel, InvokeTarget } from './cloud-assembly/stack-model.ts';
import { Gateway, type GatewayOptions, type LateReport, type RequestReport } from './http-api/gateway.ts';
import type { PoolOptions } from './lambda/environment-pool.ts';
import { ThrottledError } from './lambda/function-pool.ts';
import type { LogReport } from './lambda/log-report.ts';
import { type InvokeReport, LambdaApi } from './lambda-api/lambda-api.ts';

/** A queue file that cannot be written. Its records are kept in memory until it can. */
export interface QueueReport {
  event: 'queue-unwritable';
  path: string;
  message: string;
}

/** What a runtime reports while it serves. */
export type LocalRuntimeEvent =
  | RequestReport
  | LateReport
  | InvokeReport
  | LogReport
  | RetryReport
  | EventEndReport
  | QueueReport;

export interface LocalRuntimeOptions extends Omit<PoolOptions, 'report'> {
  report(event: LocalRuntimeEvent): void;
  /** Where the API listens on 127.0.0.1; 0 for any port that is free. */
  port: number;
  /** Where the Lambda API listens on 127.0.0.1. @default 0, for any port that is free */
  lambdaPort?: number;
  /** How long a client may take to send a request to the API. @default five minutes */
  requestTimeoutMs?: number | undefined;
  /** The folder for the queues of the template, a file each. @default one in the assembly's folder */
  queueDirectory?: string;
  /** How long a failed asynchronous event waits for its first retry. @default a minute, as on Lambda */
  retryDelayMs?: number;
  /** The clock that asynchronous events wait by. @default the system's */
  clock?: Clock;
}

/** A synthesised stack, served on this machine. */
export class LocalRuntime {
  private readonly options: LocalRuntimeOptions;
  private readonly queueDirectory: string;
  private served: Assembly;
  private readonly gateway: Gateway;
  private readonly lambdaApi: LambdaApi;
  /** By name. */
  private readonly functions = new Map<string, RunningFunction>();
  /** Those that are no longer in the stack, while they still work. */
  private readonly removed = new Set<RunningFunction>();
  private readonly files = new Map<string, DestinationFile>();

  /**
   * Serves the cloud assembly in a folder, until it is stopped.
   * @throws {UnsupportedResourceError} when a part of the template cannot be served faithfully.
   * @throws {Error} with the code EADDRINUSE when a port is taken.
   */
  static async start(directory: string, options: LocalRuntimeOptions): Promise<LocalRuntime> {
    const { queueDirectory = join(directory, 'queues'), port, lambdaPort = 0 } = options;
    const runtime = new LocalRuntime(await readAssembly(directory), options, queueDirectory);
    await runtime.gateway.server.listen(port);
    try {
      await runtime.lambdaApi.server.listen(lambdaPort);
    } catch (error) {
      await runtime.gateway.server.stop();
      throw error;
    }
    return runtime;
  }

  private constructor(assembly: Assembly, options: LocalRuntimeOptions, queueDirectory: string) {
    this.served = assembly;
    this.options = options;
    this.queueDirectory = queueDirectory;
    for (const fn of assembly.functions) this.add(fn);
    this.openQueues();
    const invoke: GatewayOptions['invoke'] = (invocation) => this.functionOf(invocation.target).pool.invoke(invocation);
    const { report, requestTimeoutMs } = options;
    const cancelQueued: GatewayOptions['cancelQueued'] = (invocation) => {
      for (const { pool } of [...this.functions.values(), ...this.removed]) pool.cancelQueued(invocation);
    };
    this.gateway = new Gateway(assembly.api, {
      invoke,
      cancelQueued,
      report,
      requestTimeoutMs,
    });
    this.lambdaApi = new LambdaApi(assembly.targets, {
      invoke,
      accept: (invocation) => this.functionOf(invocation.target).events.accept(invocation),
      report,
    });
  }

  /** Of the API, such as `http://127.0.0.1:3000`. */
  get url(): string {
    return this.gateway.server.url;
  }

  /** Of the Lambda API, such as `http://127.0.0.1:3001`. */
  get lambdaUrl(): string {
    return this.lambdaApi.server.url;
  }

  get assembly(): Assembly {
    return this.served;
  }

  /** The files that stand for the queues of the template. */
  get queues(): DestinationFile[] {
    return [...this.files.values()];
  }

  /**
   * Serves another assembly from now on, at the same addresses. What is under way ends as it began, and
   * events that wait are worked on by what is served when their turn comes. A function that is the same,
   * down to its code, keeps its environments. Not to be called again before it has settled.
   * @returns the names of the functions that are new or other
   */
  async replace(assembly: Assembly): Promise<string[]> {
    const other: FunctionModel[] = [];
    for (const fn of assembly.functions) {
      const running = this.functions.get(fn.name);
      if (!running || !(await isSameFunction(running.pool.fn, fn))) other.push(fn);
    }
    // From here on nothing waits: each request meets either the one or the other.
    this.served = assembly;
    for (const fn of other) {
      const running = this.functions.get(fn.name);
      if (running) running.pool.replace(fn);
      else this.add(fn);
    }
    const names = new Set(assembly.functions.map(({ name }) => name));
    for (const [name, running] of this.functions) if (!names.has(name)) this.remove(name, running);
    this.openQueues();
    this.gateway.replace(assembly.api);
    this.lambdaApi.replace(assembly.targets);
    return other.map(({ name }) => name);
  }

  /**
   * Answers what is under way, writes down the asynchronous events that still wait, and ends every
   * process that it started.
   * @returns the records that could not be written
   */
  async stop(): Promise<string[]> {
    await Promise.all([this.gateway.server.stop(), this.lambdaApi.server.stop()]);
    await Promise.all([...this.functions.values(), ...this.removed].map((running) => running.stop()));
    return (await Promise.all(this.queues.map((queue) => queue.stop()))).flat();
  }

  /** Ends every process that it started at once: for a process that must not go on. */
  kill(): void {
    for (const { pool } of [...this.functions.values(), ...this.removed]) pool.kill();
  }

  private add(fn: FunctionModel): void {
    const { clock = systemClock, retryDelayMs = 60_000, report } = this.options;
    const deliver = (queue: string, record: string) => this.queue(queue).add(record);
    const running = new RunningFunction(fn, this.options, { clock, retryDelayMs, deliver, report });
    this.functions.set(fn.name, running);
  }

  /** What it still does comes to its end, and its events that wait to theirs. */
  private remove(name: string, running: RunningFunction): void {
    this.functions.delete(name);
    this.removed.add(running);
    running.stop().then(() => this.removed.delete(running));
  }

  private openQueues(): void {
    for (const { function: fn, asynchronous } of this.served.targets.values()) {
      for (const name of [asynchronous.onFailure, asynchronous.onSuccess]) if (name) this.queue(name);
      if (!asynchronous.onFailure) this.queue(undeliveredQueue(fn));
    }
  }

  private queue(name: string): DestinationFile {
    const path = join(this.queueDirectory, `${name}.jsonl`);
    const unwritable = ({ message }: Error) => this.options.report({ event: 'queue-unwritable', path, message });
    const file = this.files.get(name) ?? new DestinationFile(path, unwritable);
    this.files.set(name, file);
    return file;
  }

  /** @throws {ThrottledError} when it was taken out of service while the request for it came in: there is no room for it. */
  private functionOf({ function: { name } }: InvokeTarget): RunningFunction {
    const running = this.functions.get(name);
    if (running === undefined) throw new ThrottledError('ConcurrentInvocationLimitExceeded');
    return running;
  }
}
