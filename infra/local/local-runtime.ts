import { type Assembly, readAssembly, type ServedFunction } from './assembly.ts';
import { FunctionPool, type PoolOptions } from './function-pool.ts';
import { type AccessRecord, Gateway } from './gateway.ts';

export interface LocalRuntimeOptions extends PoolOptions {
  /** Where the API listens on 127.0.0.1; 0 for any port that is free. */
  port: number;
  access(record: AccessRecord): void;
}

/** A synthesised stack, served on this machine. */
export class LocalRuntime {
  readonly assembly: Assembly;
  /** Such as `http://127.0.0.1:3000`. */
  readonly url: string;
  private readonly gateway: Gateway;
  private readonly pools: ReadonlyMap<ServedFunction, FunctionPool>;

  /**
   * Serves the cloud assembly in a folder, until it is stopped.
   * @throws {Unservable} when a part of the template cannot be served faithfully.
   * @throws {Error} with the code EADDRINUSE when the port is taken.
   */
  static async start(directory: string, options: LocalRuntimeOptions): Promise<LocalRuntime> {
    const assembly = await readAssembly(directory);
    const pools = new Map(assembly.functions.map((fn) => [fn, new FunctionPool(fn, options)]));
    const gateway = new Gateway(assembly.api, {
      access: options.access,
      invoke: (fn, invocation) => poolOf(pools, fn).invoke(invocation),
    });
    const port = await gateway.listen(options.port);
    return new LocalRuntime(assembly, `http://127.0.0.1:${port}`, gateway, pools);
  }

  private constructor(
    assembly: Assembly,
    url: string,
    gateway: Gateway,
    pools: ReadonlyMap<ServedFunction, FunctionPool>,
  ) {
    this.assembly = assembly;
    this.url = url;
    this.gateway = gateway;
    this.pools = pools;
  }

  /** Answers what is under way, then ends every process that it started. */
  async stop(): Promise<void> {
    await this.gateway.stop();
    await Promise.all(this.pools.values().map((pool) => pool.stop()));
  }

  /** Ends every process that it started at once: for a process that must not go on. */
  kill(): void {
    for (const pool of this.pools.values()) pool.kill();
  }
}

function poolOf(pools: ReadonlyMap<ServedFunction, FunctionPool>, fn: ServedFunction): FunctionPool {
  const pool = pools.get(fn);
  if (!pool) throw new Error(`There is no function ${fn.name}.`);
  return pool;
}
