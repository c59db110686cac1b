import { join } from 'node:path';
import { systemClock } from './async/clock.ts';
import type { Destination } from './async/destination.ts';
import { Destinations } from './async/destinations.ts';
import { type EventQueueOptions, undeliveredQueue } from './async/event-queue.ts';
import { RunningFunction } from './async/running-function.ts';
import { account, region } from './aws/arn.ts';
import { AwsEndpoint } from './aws-endpoint/aws-endpoint.ts';
import { readAssembly } from './cloud-assembly/read-assembly.ts';
import { isSameFunction } from './cloud-assembly/same-function.ts';
import type { Assembly, FunctionModel, InvokeTarget, SourceModels } from './cloud-assembly/stack-model.ts';
import { EventSources } from './event-sources/event-sources.ts';
import { Gateway, type GatewayOptions } from './http-api/gateway.ts';
import { ThrottledError } from './lambda/function-pool.ts';
import { makeInspectable } from './lambda/inspectable.ts';
import { LambdaApi, type LambdaApiOptions } from './lambda-api/lambda-api.ts';
import type { LocalRuntimeOptions } from './local-runtime-options.ts';
import { QueueService } from './queues/queue-service.ts';

/** How long clients may read when a stop is cut short. */
const slowReaderMs = 500;

/** Serves a synthesised stack on this machine. */
export class LocalRuntime {
  private readonly options: LocalRuntimeOptions;
  private served: Assembly;
  private readonly gateway: Gateway;
  private readonly lambdaApi: LambdaApi;
  private readonly endpoint: AwsEndpoint;
  private readonly queueService: QueueService;
  private readonly sources: EventSources;
  /** By the function's name. */
  private readonly functions = new Map<string, RunningFunction>();
  /** Functions that are no longer in the stack, until their last invocation has ended. */
  private readonly removed = new Set<RunningFunction>();
  private readonly allDestinations: Destinations;

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
      await runtime.endpoint.server.listen(lambdaPort);
    } catch (error) {
      await runtime.gateway.server.stop();
      throw error;
    }
    await runtime.sources.replace(withUndelivered(runtime.served));
    await runtime.resumeEvents();
    return runtime;
  }

  private constructor(assembly: Assembly, options: LocalRuntimeOptions, queueDirectory: string) {
    if (options.inspect) makeInspectable(assembly, options.inspect);
    this.served = assembly;
    this.options = options;
    const { clock = systemClock, sqsEndpoint, anyRegion } = options;
    const endpoint = () => this.lambdaUrl;
    const queues = new QueueService({ directory: queueDirectory, endpoint, report: options.report });
    this.queueService = queues;
    this.allDestinations = new Destinations({
      write: (queue, records) => queues.add(queue, records),
      report: options.report,
    });
    for (const fn of assembly.functions) this.add(fn);
    const { report, record, requestTimeoutMs, bodyBytes, started } = options;
    const invoke: GatewayOptions['invoke'] = (invocation) => this.functionOf(invocation.target).pool.invoke(invocation);
    const cancelQueued: GatewayOptions['cancelQueued'] = (invocation) => {
      for (const { pool } of this.running()) pool.cancelQueued(invocation);
    };
    this.gateway = new Gateway(assembly.api, { invoke, cancelQueued, report, record, requestTimeoutMs, bodyBytes });
    const concurrency = ({ function: { name } }: InvokeTarget) => this.functions.get(name)?.pool.maxEnvironments ?? 0;
    this.sources = new EventSources({ queues, clock, sqsEndpoint, concurrency, invoke, report, record, started });
    this.endpoint = new AwsEndpoint({
      queues,
      buses: this.sources.buses,
      serveLambda: (request, response) => this.lambdaApi.serve(request, response),
      report,
      bodyBytes,
    });
    const accept: LambdaApiOptions['accept'] = async (invocation) =>
      this.functionOf(invocation.target).events.accept(invocation);
    this.lambdaApi = new LambdaApi(assembly.targets, this.endpoint.server, {
      invoke,
      accept,
      report,
      record,
      anyRegion,
    });
  }

  /** The URL of the API, such as `http://127.0.0.1:3000`. */
  get url(): string {
    return this.gateway.server.url;
  }

  /** The URL of the AWS endpoint, such as `http://127.0.0.1:3001`. */
  get lambdaUrl(): string {
    return this.endpoint.server.url;
  }

  /** Whether it accepts requests: true until it is stopped. */
  get isServing(): boolean {
    return this.endpoint.server.isOpen;
  }

  /** The file with the messages of all queues. It exists only while there is one. */
  get queuePath(): string {
    return this.queueService.path;
  }

  get assembly(): Assembly {
    return this.served;
  }

  /** The queues that get the records of asynchronous events. */
  get destinations(): readonly Destination[] {
    return this.allDestinations.all;
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
    this.gateway.replace(assembly.api);
    this.lambdaApi.replace(assembly.targets);
    await this.sources.replace(withUndelivered(assembly));
    return changed.map(({ name }) => name);
  }

  /**
   * Responds to the requests in flight, leaves the asynchronous events that have not ended in the journal, or else records
   * them, and ends every process that it started.
   * @returns the records that could not be written
   */
  async stop(): Promise<string[]> {
    // The functions of the batches in flight may call the endpoint.
    await Promise.all([this.gateway.server.stop(), this.sources.stop()]);
    await this.endpoint.server.stop();
    await Promise.all(this.running().map((running) => running.stop()));
    const { journal, report } = this.options;
    // The records of the last events go from there to their queues.
    await journal?.flush();
    const unwritten = (await Promise.all(this.destinations.map((queue) => queue.stop()))).flat();
    await this.queueService.stop();
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
      for (const { server } of [this.gateway, this.endpoint]) server.http.closeAllConnections();
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
    const deliver: EventQueueOptions['deliver'] = ({ requestId, queue, record }) =>
      this.allDestinations.named(queue).add({ id: requestId, body: record });
    const { sqsEndpoint } = this.options;
    const endpoints = () => ({
      AWS_ENDPOINT_URL: this.lambdaUrl,
      AWS_ENDPOINT_URL_LAMBDA: this.lambdaUrl,
      ...(sqsEndpoint && { AWS_ENDPOINT_URL_SQS: sqsEndpoint }),
    });
    const poolOptions = { ...this.options, endpoints };
    const written = async () => void (await Promise.all(this.destinations.map((queue) => queue.flush())));
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
    this.allDestinations.recover(journal);
    let events = 0;
    for (const entry of journal.entries()) {
      const target = this.served.targets.get(entry.targetArn);
      if (!target) continue;
      this.functionOf(target).events.resume(entry, target);
      events++;
    }
    if (events > 0) report({ event: 'events-resumed', events, path: journal.path });
  }

  /** @throws {ThrottledError} when the function was removed while the request arrived. */
  private functionOf({ function: { name } }: InvokeTarget): RunningFunction {
    const running = this.functions.get(name);
    if (running === undefined) throw new ThrottledError('ConcurrentInvocationLimitExceeded');
    return running;
  }
}

/** Returns the sources of a stack, with a queue for each function whose events a stop may cut off and which has none. */
function withUndelivered({ functions, sources }: Assembly): SourceModels {
  const undelivered = functions.map((fn) => {
    const name = undeliveredQueue(fn);
    return { name, arn: `arn:aws:sqs:${region}:${account}:${name}`, attributes: {} };
  });
  return { ...sources, queues: [...sources.queues, ...undelivered] };
}
