import { join } from 'node:path';
import { type Clock, systemClock } from './async/clock.ts';
import type { DestinationFile } from './async/destination-file.ts';
import { Destinations } from './async/destinations.ts';
import { undeliveredQueue } from './async/event-queue.ts';
import type { Journal } from './async/journal.ts';
import { RunningFunction } from './async/running-function.ts';
import { readAssembly } from './cloud-assembly/read-assembly.ts';
import { isSameFunction } from './cloud-assembly/same-function.ts';
import type { Assembly, FunctionModel, InvokeTarget } from './cloud-assembly/stack-model.ts';
import { Gateway, type GatewayOptions } from './http-api/gateway.ts';
import type { PoolOptions } from './lambda/environment-pool.ts';
import { ThrottledError } from './lambda/function-pool.ts';
import { type InspectOptions, makeInspectable } from './lambda/inspectable.ts';
import { LambdaApi } from './lambda-api/lambda-api.ts';
import type { LocalRuntimeEvent, RuntimeRecord } from './runtime-event.ts';

export interface LocalRuntimeOptions extends Omit<PoolOptions, 'report' | 'lambdaUrl'> {
  report(event: LocalRuntimeEvent): void;
  /** Receives what was sent and received, in full. @default nobody does */
  record?: ((record: RuntimeRecord) => void) | undefined;
  /** The port of the API on 127.0.0.1; 0 for any free port. */
  port: number;
  /** The port of the Lambda API on 127.0.0.1. @default 0, for any free port */
  lambdaPort?: number;
  /** How long a client may take to send a request to the API. @default five minutes */
  requestTimeoutMs?: number | undefined;
  /** The most bytes of bodies that each server holds at a time. @default 256 MB */
  bodyBytes?: number | undefined;
  /** The folder with a file for each queue of the template. @default `queues` in the assembly's folder */
  queueDirectory?: string;
  /** Keeps asynchronous events over a stop. @default none: a stop records those that have not ended */
  journal?: Journal | undefined;
  /** The time until the first retry of a failed asynchronous event. @default a minute, as on Lambda */
  retryDelayMs?: number;
  /** Whether the Lambda API accepts an ARN of any region and account. @default false, as on AWS */
  anyRegion?: boolean | undefined;
  /** Gives each function an inspector, and suspends timeouts and memory limits. @default none */
  inspect?: InspectOptions | undefined;
  /** Times the retries of asynchronous events. @default the system's clock */
  clock?: Clock;
}

/** How long clients may read when a stop is cut short. */
const slowReaderMs = 500;

/** Serves a synthesised stack on this machine. */
export class LocalRuntime {
  private readonly options: LocalRuntimeOptions;
  private served: Assembly;
  private readonly gateway: Gateway;
  private readonly lambdaApi: LambdaApi;
  /** By the function's name. */
  private readonly functions = new Map<string, RunningFunction>();
  /** Functions that are no longer in the stack, until their last invocation has ended. */
  private readonly removed = new Set<RunningFunction>();
  private readonly destinations: Destinations;

  /**
   * Serves the cloud assembly in a folder until `stop` is called.
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
    await runtime.resumeEvents();
    return runtime;
  }

  private constructor(assembly: Assembly, options: LocalRuntimeOptions, queueDirectory: string) {
    if (options.inspect) makeInspectable(assembly, options.inspect);
    this.served = assembly;
    this.options = options;
    this.destinations = new Destinations(queueDirectory, options.report);
    for (const fn of assembly.functions) this.add(fn);
    this.openQueues();
    const { report, record, requestTimeoutMs, bodyBytes } = options;
    const invoke: GatewayOptions['invoke'] = (invocation) => this.functionOf(invocation.target).pool.invoke(invocation);
    const cancelQueued: GatewayOptions['cancelQueued'] = (invocation) => {
      for (const { pool } of this.running()) pool.cancelQueued(invocation);
    };
    this.gateway = new Gateway(assembly.api, { invoke, cancelQueued, report, record, requestTimeoutMs, bodyBytes });
    this.lambdaApi = new LambdaApi(assembly.targets, {
      invoke,
      accept: async (invocation) => this.functionOf(invocation.target).events.accept(invocation),
      report,
      record,
      anyRegion: options.anyRegion,
      bodyBytes,
    });
  }

  /** The URL of the API, such as `http://127.0.0.1:3000`. */
  get url(): string {
    return this.gateway.server.url;
  }

  /** The URL of the Lambda API, such as `http://127.0.0.1:3001`. */
  get lambdaUrl(): string {
    return this.lambdaApi.server.url;
  }

  get assembly(): Assembly {
    return this.served;
  }

  /** The files that stand in for the queues of the template. */
  get queues(): DestinationFile[] {
    return this.destinations.all;
  }

  /**
   * Serves another assembly from now on, at the same addresses. Invocations in flight finish on the old code. Queued
   * events run on the code that is served when they run. A function keeps its environments if its configuration and its
   * code are the same. Wait for the promise before you call it again.
   * @returns the names of the functions that are new or changed
   */
  async replace(assembly: Assembly): Promise<string[]> {
    if (this.options.inspect) makeInspectable(assembly, this.options.inspect);
    const changed: FunctionModel[] = [];
    for (const fn of assembly.functions) {
      const running = this.functions.get(fn.name);
      if (!running || !(await isSameFunction(running.pool.fn, fn))) changed.push(fn);
    }
    // No await from here on, so that each request meets either the old assembly or the new one.
    this.served = assembly;
    for (const fn of changed) {
      const running = this.functions.get(fn.name);
      if (running) running.pool.replace(fn);
      else this.add(fn);
    }
    const names = new Set(assembly.functions.map(({ name }) => name));
    for (const [name, running] of this.functions) if (!names.has(name)) this.remove(name, running);
    this.openQueues();
    this.gateway.replace(assembly.api);
    this.lambdaApi.replace(assembly.targets);
    return changed.map(({ name }) => name);
  }

  /**
   * Responds to the requests in flight, leaves the asynchronous events that have not ended in the journal, or else records
   * them, and ends every process that it started.
   * @returns the records that could not be written
   */
  async stop(): Promise<string[]> {
    await Promise.all([this.gateway.server.stop(), this.lambdaApi.server.stop()]);
    await Promise.all(this.running().map((running) => running.stop()));
    const { journal, report } = this.options;
    // The records of the last events go from there to their queues.
    await journal?.flush();
    const unwritten = (await Promise.all(this.queues.map((queue) => queue.stop()))).flat();
    if (!journal) return unwritten;
    const kept = await journal.close();
    if (kept > 0) report({ event: 'events-kept', events: kept, path: journal.path });
    // The next start writes these records too.
    return [];
  }

  /**
   * Makes `stop` end soon: fails the invocations in flight, and closes connections whose clients are slow to read. Events
   * that were accepted are recorded.
   */
  cutShort(): void {
    this.kill();
    setTimeout(() => {
      for (const { server } of [this.gateway, this.lambdaApi]) server.http.closeAllConnections();
    }, slowReaderMs).unref();
  }

  /** Kills every process that it started. Does not wait. */
  kill(): void {
    for (const { pool } of this.running()) pool.kill();
  }

  private running(): RunningFunction[] {
    return [...this.functions.values(), ...this.removed];
  }

  private add(fn: FunctionModel): void {
    const { clock = systemClock, retryDelayMs = 60_000, report, record, journal } = this.options;
    const deliver = (queue: string, record: string) => this.destinations.named(queue).add(record);
    const poolOptions = { ...this.options, lambdaUrl: () => this.lambdaUrl };
    const written = async () => void (await Promise.all(this.queues.map((queue) => queue.flush())));
    const eventOptions = { clock, retryDelayMs, deliver, written, report, record, journal };
    const running = new RunningFunction(fn, poolOptions, eventOptions);
    this.functions.set(fn.name, running);
  }

  /** Stops serving a function. Its invocations in flight finish, its queued events are recorded. */
  private remove(name: string, running: RunningFunction): void {
    this.functions.delete(name);
    this.removed.add(running);
    running.stop().then(() => this.removed.delete(running));
  }

  /** Goes on with the events of earlier runs. Those of functions that are not served stay in the journal. */
  private async resumeEvents(): Promise<void> {
    const { journal, report } = this.options;
    if (!journal) return;
    await this.destinations.recover(journal);
    let events = 0;
    for (const entry of journal.entries()) {
      const target = this.served.targets.get(entry.targetArn);
      if (!target) continue;
      this.functionOf(target).events.resume(entry, target);
      events++;
    }
    if (events > 0) report({ event: 'events-resumed', events, path: journal.path });
  }

  private openQueues(): void {
    for (const { function: fn, asynchronous } of this.served.targets.values()) {
      for (const name of [asynchronous.onFailure, asynchronous.onSuccess]) if (name) this.destinations.named(name);
      if (!asynchronous.onFailure) this.destinations.named(undeliveredQueue(fn));
    }
  }

  /** @throws {ThrottledError} when the function was removed while the request arrived. */
  private functionOf({ function: { name } }: InvokeTarget): RunningFunction {
    const running = this.functions.get(name);
    if (running === undefined) throw new ThrottledError('ConcurrentInvocationLimitExceeded');
    return running;
  }
}
