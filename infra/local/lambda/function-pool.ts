import type { FunctionModel } from '../cloud-assembly/stack-model.ts';
import { EnvironmentPool, type PoolOptions } from './environment-pool.ts';
import type { Invocation, InvocationResult } from './execution-environment.ts';

/** Invocations at a time that an account may have, over all its functions (docs: lambda-concurrency). */
const accountConcurrency = 1000;

/** The function has as many invocations under way as it may. */
export class ThrottledError extends Error {
  override readonly name = 'ThrottledError';
  readonly reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' | 'ConcurrentInvocationLimitExceeded';

  constructor(reason: ThrottledError['reason']) {
    super(reason);
    this.reason = reason;
  }
}

/**
 * What runs a function: for each of its versions execution environments of its own, and one count of
 * what is under way for all of them, for concurrency is reserved for the function (docs:
 * configuration-concurrency).
 */
export class FunctionPool {
  private readonly options: PoolOptions;
  private served: FunctionModel;
  private versions = new Map<string, EnvironmentPool>();
  /** Those of code that has been replaced, while they still work. */
  private readonly retired = new Set<EnvironmentPool>();
  private underWay = 0;
  private drained = Promise.withResolvers<void>();

  constructor(fn: FunctionModel, options: PoolOptions) {
    this.served = fn;
    this.options = options;
  }

  get fn(): FunctionModel {
    return this.served;
  }

  /** Environments that each version may have at a time. */
  get maxEnvironments(): number {
    return Math.min(this.options.maxEnvironments, this.fn.reservedConcurrency ?? accountConcurrency);
  }

  /**
   * Has the function work on an event, in an environment of its own for the while.
   * @throws {ThrottledError} when the function has as many invocations under way as it may.
   */
  async invoke(invocation: Invocation): Promise<InvocationResult> {
    const { reservedConcurrency } = this.fn;
    if (this.underWay >= (reservedConcurrency ?? accountConcurrency)) {
      throw new ThrottledError(
        reservedConcurrency === undefined
          ? 'ConcurrentInvocationLimitExceeded'
          : 'ReservedFunctionConcurrentInvocationLimitExceeded',
      );
    }
    this.underWay++;
    try {
      return await this.environments(invocation.target.version).invoke(invocation);
    } finally {
      this.underWay--;
      if (this.underWay === 0) this.drained.resolve();
    }
  }

  /**
   * Runs the function as it is now. What is under way ends in the environments that it has, which then end;
   * it counts on, for concurrency is the function's.
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

  /** Throttles an invocation that waits for others to end: there was no room for it. One that runs goes on. */
  cancelQueued(invocation: Invocation): void {
    const reason = new ThrottledError('ConcurrentInvocationLimitExceeded');
    for (const environments of [...this.versions.values(), ...this.retired])
      environments.cancelQueued(invocation, reason);
  }

  /** Waits for the invocations under way, then ends every environment. */
  async stop(): Promise<void> {
    if (this.underWay > 0) {
      this.drained = Promise.withResolvers();
      await this.drained.promise;
    }
    await Promise.all([...this.versions.values(), ...this.retired].map((environments) => environments.stop()));
  }

  /** Ends every environment at once, whatever it does: for a process that must not go on. */
  kill(): void {
    for (const environments of [...this.versions.values(), ...this.retired]) environments.kill();
  }

  private environments(version: string): EnvironmentPool {
    const options = { ...this.options, maxEnvironments: this.maxEnvironments };
    const environments = this.versions.get(version) ?? new EnvironmentPool(this.fn, version, options);
    this.versions.set(version, environments);
    return environments;
  }
}
