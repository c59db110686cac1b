import { ExecutionEnvironment, type Invocation, type InvocationResult } from './execution-environment.ts';
import type { ServedFunction } from './served-stack.ts';

export interface PoolOptions {
  /** Environments at a time: what this machine is to bear. */
  maxEnvironments: number;
  /** How long an environment stays without work before it is stopped. @default five minutes */
  idleMs?: number;
  /** Takes each line that the function writes. */
  line(fn: ServedFunction, line: string, requestId: string | undefined): void;
}

/** Invocations at a time that an account may have, over all its functions (docs: lambda-concurrency). */
const accountConcurrency = 1000;

/** The function has as many invocations under way as it may. */
export class Throttled extends Error {
  override readonly name = 'Throttled';
  readonly reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' | 'ConcurrentInvocationLimitExceeded';

  constructor(reason: Throttled['reason']) {
    super(reason);
    this.reason = reason;
  }
}

interface Waiting {
  invocation: Invocation;
  resolve(result: InvocationResult | Promise<InvocationResult>): void;
}

/**
 * The execution environments of one function. An invocation takes an environment that is warm, or
 * has one started. Where Lambda would run more environments than this machine is to bear,
 * invocations wait for each other.
 */
export class FunctionPool {
  readonly fn: ServedFunction;
  private readonly options: PoolOptions;
  /** Environments that it may have at a time. */
  readonly maxEnvironments: number;
  private readonly environments = new Set<ExecutionEnvironment>();
  /** Those without work, and since when; the one used last is at the end. */
  private readonly idle: { environment: ExecutionEnvironment; since: number }[] = [];
  private readonly queue: Waiting[] = [];
  private readonly sweep: NodeJS.Timeout;
  private underWay = 0;
  private drained = Promise.withResolvers<void>();

  constructor(fn: ServedFunction, options: PoolOptions) {
    this.fn = fn;
    this.options = options;
    this.maxEnvironments = Math.min(options.maxEnvironments, fn.reservedConcurrency ?? accountConcurrency);
    const { idleMs = 5 * 60_000 } = options;
    this.sweep = setInterval(() => this.stopIdle(idleMs), idleMs / 2).unref();
  }

  /**
   * Has the function work on an event, in an environment of its own for the while.
   * @throws {Throttled} when the function has as many invocations under way as it may.
   */
  async invoke(invocation: Invocation): Promise<InvocationResult> {
    const { reservedConcurrency } = this.fn;
    if (this.underWay >= (reservedConcurrency ?? accountConcurrency)) {
      throw new Throttled(
        reservedConcurrency === undefined
          ? 'ConcurrentInvocationLimitExceeded'
          : 'ReservedFunctionConcurrentInvocationLimitExceeded',
      );
    }
    this.underWay++;
    try {
      return await new Promise<InvocationResult>((resolve) => {
        this.queue.push({ invocation, resolve });
        this.dispatch();
      });
    } finally {
      this.underWay--;
      if (this.underWay === 0) this.drained.resolve();
    }
  }

  /** Waits for the invocations under way, then ends every environment. */
  async stop(): Promise<void> {
    clearInterval(this.sweep);
    if (this.underWay > 0) {
      this.drained = Promise.withResolvers();
      await this.drained.promise;
    }
    await Promise.all([...this.environments].map((environment) => environment.stop()));
  }

  /** Ends every environment at once, whatever it does: for a process that must not go on. */
  kill(): void {
    for (const environment of this.environments) environment.kill();
  }

  /** Gives waiting invocations to idle environments, and starts environments for those that are left. */
  private dispatch(): void {
    while (this.queue.length > 0) {
      const free = this.idle.pop();
      if (!free) break;
      // It may have died since.
      if (free.environment.state !== 'idle') continue;
      const next = this.queue.shift();
      next?.resolve(free.environment.invoke(next.invocation));
    }
    if (this.queue.length === 0) return;
    let soonFree = 0;
    for (const { state } of this.environments) {
      if (state === 'starting' || state === 'finishing') soonFree++;
    }
    for (; soonFree < this.queue.length && this.environments.size < this.maxEnvironments; soonFree++) this.start();
  }

  private start(): void {
    const environment = new ExecutionEnvironment(this.fn, {
      changed: () => this.onChange(environment),
      line: (line, requestId) => this.options.line(this.fn, line, requestId),
    });
    this.environments.add(environment);
  }

  private onChange(environment: ExecutionEnvironment): void {
    if (environment.state === 'idle') {
      this.idle.push({ environment, since: Date.now() });
    } else {
      this.environments.delete(environment);
      // Lambda reports a failed initialisation to the invocation that it was started for.
      const { initFailure } = environment;
      const next = initFailure && this.queue.shift();
      if (next) next.resolve({ payload: initFailure(next.invocation.requestId), failed: true, cold: true });
    }
    this.dispatch();
  }

  private stopIdle(idleMs: number): void {
    const limit = Date.now() - idleMs;
    while (this.idle[0] && this.idle[0].since <= limit) this.idle.shift()?.environment.stop();
  }
}
