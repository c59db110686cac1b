import type { FunctionModel } from '../cloud-assembly/stack-model.ts';
import { EnvironmentPool, type PoolOptions } from './environment-pool.ts';
import type { Invocation, InvocationResult } from './invocation.ts';

/** The concurrent invocations of an account, over all its functions (docs: lambda-concurrency). */
const accountConcurrency = 1000;

/** The function has as many invocations in flight as its concurrency allows. */
export class ThrottledError extends Error {
  override readonly name = 'ThrottledError';
  readonly reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' | 'ConcurrentInvocationLimitExceeded';

  constructor(reason: ThrottledError['reason']) {
    super(reason);
    this.reason = reason;
  }
}

/**
 * The environment pools of a function, one for each version. Concurrency is counted for the function, over all versions
 * (docs: configuration-concurrency).
 */
export class FunctionPool {
  private readonly options: PoolOptions;
  private served: FunctionModel;
  private versions = new Map<string, EnvironmentPool>();
  /** The pools of replaced code, until their last invocation has ended. */
  private readonly retired = new Set<EnvironmentPool>();
  private inFlight = 0;
  private killed = false;
  private drained = Promise.withResolvers<void>();

  constructor(fn: FunctionModel, options: PoolOptions) {
    this.served = fn;
    this.options = options;
  }

  get fn(): FunctionModel {
    return this.served;
  }

  /** The most environments of each version at a time. */
  get maxEnvironments(): number {
    return Math.min(this.options.maxEnvironments, this.fn.reservedConcurrency ?? accountConcurrency);
  }

  /**
   * Invokes the function, in an environment that handles nothing else meanwhile.
   * @throws {ThrottledError} when the function has as many invocations in flight as its concurrency allows.
   */
  async invoke(invocation: Invocation): Promise<InvocationResult> {
    const { reservedConcurrency } = this.fn;
    if (this.killed || this.inFlight >= (reservedConcurrency ?? accountConcurrency)) {
      throw new ThrottledError(
        reservedConcurrency === undefined
          ? 'ConcurrentInvocationLimitExceeded'
          : 'ReservedFunctionConcurrentInvocationLimitExceeded',
      );
    }
    this.inFlight++;
    try {
      return await this.environments(invocation.target.version).invoke(invocation);
    } finally {
      this.inFlight--;
      if (this.inFlight === 0) this.drained.resolve();
    }
  }

  /**
   * Runs new code from now on. Invocations in flight finish in their environments, which then end. They still count
   * towards the concurrency.
   */
  replace(fn: FunctionModel): void {
    const before = [...this.versions.values()];
    this.served = fn;
    this.versions = new Map();
    for (const environments of before) {
      this.retired.add(environments);
      environments.retire().then(() => this.retired.delete(environments));
    }
  }

  /** Throttles an invocation that is still queued. A running one continues. */
  cancelQueued(invocation: Invocation): void {
    const reason = new ThrottledError('ConcurrentInvocationLimitExceeded');
    for (const environments of [...this.versions.values(), ...this.retired])
      environments.cancelQueued(invocation, reason);
  }

  /** Waits for the invocations in flight, then ends every environment. */
  async stop(): Promise<void> {
    if (this.inFlight > 0) {
      this.drained = Promise.withResolvers();
      await this.drained.promise;
    }
    await Promise.all([...this.versions.values(), ...this.retired].map((environments) => environments.stop()));
  }

  /** Kills every environment, even during an invocation, and throttles all other invocations. Does not wait. */
  kill(): void {
    this.killed = true;
    const reason = new ThrottledError('ConcurrentInvocationLimitExceeded');
    for (const environments of [...this.versions.values(), ...this.retired]) environments.kill(reason);
  }

  private environments(version: string): EnvironmentPool {
    const options = { ...this.options, maxEnvironments: this.maxEnvironments };
    const environments = this.versions.get(version) ?? new EnvironmentPool(this.fn, version, options);
    this.versions.set(version, environments);
    return environments;
  }
}
