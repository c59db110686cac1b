import { join } from 'node:path';
import { readAssembly } from './assembly.ts';
import { AsyncInvocations, type EventEnd, type EventFailure, undeliveredQueue } from './async-invocations.ts';
import { type Clock, systemClock } from './clock.ts';
import { DestinationFile } from './destination-file.ts';
import type { PoolOptions } from './environment-pool.ts';
import { FunctionPool } from './function-pool.ts';
import { type AccessRecord, Gateway, type GatewayOptions } from './gateway.ts';
import { type InvokeRecord, LambdaApi } from './lambda-api.ts';
import type { Assembly, Callee, ServedFunction } from './served-stack.ts';

export interface LocalRuntimeOptions extends PoolOptions {
  /** Where the API listens on 127.0.0.1; 0 for any port that is free. */
  port: number;
  /** Where the Lambda API listens on 127.0.0.1. @default 0, for any port that is free */
  lambdaPort?: number;
  /** How long a client may take to send a request to the API. @default five minutes */
  requestTimeoutMs?: number | undefined;
  /** Told of each request that the API has answered. */
  access(record: AccessRecord): void;
  /** Told of each call that the Lambda API has answered. */
  invoked?(record: InvokeRecord): void;
  /** Told of each asynchronous event that failed and will be tried again. */
  failed?(failure: EventFailure): void;
  /** Told of each asynchronous event that has come to its end. */
  ended?(end: EventEnd): void;
  /** Told that a queue cannot be written. */
  unwritable?(path: string, error: Error): void;
  /** The folder for the queues of the template, a file each. @default one in the assembly's folder */
  queueDirectory?: string;
  /** How long a failed asynchronous event waits for its first retry. @default a minute, as on Lambda */
  retryDelayMs?: number;
  /** The clock that asynchronous events wait by. @default the system's */
  clock?: Clock;
}

/** The parts that a runtime is made of. */
interface Parts {
  assembly: Assembly;
  gateway: Gateway;
  lambdaApi: LambdaApi;
  pools: Map<ServedFunction, FunctionPool>;
  asyncInvocations: Map<ServedFunction, AsyncInvocations>;
  queues: Map<string, DestinationFile>;
}

/** A synthesised stack, served on this machine. */
export class LocalRuntime {
  /** Of the API, such as `http://127.0.0.1:3000`. */
  readonly url: string;
  /** Of the Lambda API, such as `http://127.0.0.1:3001`. */
  readonly lambdaUrl: string;
  private readonly parts: Parts;

  /**
   * Serves the cloud assembly in a folder, until it is stopped.
   * @throws {Unservable} when a part of the template cannot be served faithfully.
   * @throws {Error} with the code EADDRINUSE when a port is taken.
   */
  static async start(directory: string, options: LocalRuntimeOptions): Promise<LocalRuntime> {
    const {
      access,
      requestTimeoutMs,
      lambdaPort = 0,
      invoked = () => {},
      failed = () => {},
      ended = () => {},
      unwritable = () => {},
      queueDirectory = join(directory, 'queues'),
      retryDelayMs = 60_000,
      clock = systemClock,
    } = options;
    const assembly = await readAssembly(directory);
    const queues = new Map<string, DestinationFile>();
    const queue = (name: string): DestinationFile => {
      const path = join(queueDirectory, `${name}.jsonl`);
      const file = queues.get(name) ?? new DestinationFile(path, (error) => unwritable(path, error));
      queues.set(name, file);
      return file;
    };
    const pools = new Map<ServedFunction, FunctionPool>();
    const asyncInvocations = new Map<ServedFunction, AsyncInvocations>();
    for (const fn of assembly.functions) {
      const pool = new FunctionPool(fn, options);
      pools.set(fn, pool);
      asyncInvocations.set(
        fn,
        new AsyncInvocations(fn, {
          invoke: (invocation) => pool.invoke(invocation),
          // With no concurrency at all, events still have to come to their end.
          concurrency: Math.max(1, pool.maxEnvironments),
          clock,
          retryDelayMs,
          deliver: (name, record) => queue(name).add(record),
          failed,
          ended,
        }),
      );
    }
    for (const { function: fn, asynchronous } of assembly.callees.values()) {
      for (const name of [asynchronous.onFailure, asynchronous.onSuccess]) if (name) queue(name);
      if (!asynchronous.onFailure) queue(undeliveredQueue(fn));
    }

    const invoke: GatewayOptions['invoke'] = (invocation) => of(pools, invocation.callee).invoke(invocation);
    const gateway = new Gateway(assembly.api, { invoke, access, requestTimeoutMs });
    const lambdaApi = new LambdaApi(assembly.callees, {
      invoke,
      accept: (invocation) => of(asyncInvocations, invocation.callee).accept(invocation),
      access: invoked,
    });
    const port = await gateway.server.listen(options.port);
    try {
      const ports = { port, lambdaPort: await lambdaApi.server.listen(lambdaPort) };
      return new LocalRuntime({ assembly, gateway, lambdaApi, pools, asyncInvocations, queues }, ports);
    } catch (error) {
      await gateway.server.stop();
      throw error;
    }
  }

  private constructor(parts: Parts, { port, lambdaPort }: { port: number; lambdaPort: number }) {
    this.parts = parts;
    this.url = `http://127.0.0.1:${port}`;
    this.lambdaUrl = `http://127.0.0.1:${lambdaPort}`;
  }

  get assembly(): Assembly {
    return this.parts.assembly;
  }

  /** The files that stand for the queues of the template. */
  get queues(): DestinationFile[] {
    return [...this.parts.queues.values()];
  }

  /**
   * Answers what is under way, writes down the asynchronous events that still wait, and ends every
   * process that it started.
   * @returns the records that could not be written
   */
  async stop(): Promise<string[]> {
    const { gateway, lambdaApi, pools, asyncInvocations, queues } = this.parts;
    await Promise.all([gateway.server.stop(), lambdaApi.server.stop()]);
    await Promise.all(asyncInvocations.values().map((invocations) => invocations.stop()));
    await Promise.all(pools.values().map((pool) => pool.stop()));
    return (await Promise.all(queues.values().map((queue) => queue.flush()))).flat();
  }

  /** Ends every process that it started at once: for a process that must not go on. */
  kill(): void {
    for (const pool of this.parts.pools.values()) pool.kill();
  }
}

function of<T>(things: ReadonlyMap<ServedFunction, T>, { function: fn }: Callee): T {
  const thing = things.get(fn);
  if (thing === undefined) throw new Error(`There is no function ${fn.name}.`);
  return thing;
}
