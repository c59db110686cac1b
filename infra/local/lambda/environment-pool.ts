import type { FunctionModel } from '../cloud-assembly/stack-model.ts';
import { ExecutionEnvironment, type Invocation, type InvocationResult } from './execution-environment.ts';
import type { LogReport } from './log-report.ts';

export interface PoolOptions {
  /** Environments of a version at a time: what this machine is to bear. */
  maxEnvironments: number;
  /** How long an environment stays without work before it is stopped. @default five minutes */
  idleMs?: number;
  /** Receives each line that the function writes. */
  report(event: LogReport): void;
}

/** An invocation that waits for an environment. */
interface Waiting {
  resolve(result: InvocationResult | Promise<InvocationResult>): void;
  reject(error: Error): void;
}

/**
 * The execution environments of one version of a function. An invocation takes an environment that is
 * warm, or has one started. Where Lambda would run more environments than this machine is to bear,
 * invocations wait for each other.
 */
export class EnvironmentPool {
  private readonly fn: FunctionModel;
  private readonly version: string;
  private readonly options: PoolOptions;
  private readonly environments = new Set<ExecutionEnvironment>();
  /** Those without work, and since when; the one used last is at the end. */
  private readonly idle: { environment: ExecutionEnvironment; since: number }[] = [];
  /** In the order of their coming. */
  private readonly queue = new Map<Invocation, Waiting>();
  private readonly sweep: NodeJS.Timeout;
  /** Settles when an environment pool that has retired has no environment left. */
  private readonly empty = Promise.withResolvers<void>();
  private retired = false;

  constructor(fn: FunctionModel, version: string, options: PoolOptions) {
    this.fn = fn;
    this.version = version;
    this.options = options;
    const { idleMs = 5 * 60_000 } = options;
    this.sweep = setInterval(() => this.stopIdle(idleMs), idleMs / 2).unref();
  }

  /** Has the version work on an event, in an environment of its own for the while. */
  invoke(invocation: Invocation): Promise<InvocationResult> {
    return new Promise((resolve, reject) => {
      this.queue.set(invocation, { resolve, reject });
      this.dispatch();
    });
  }

  /** To be called when no more invocations come: works on those that it has, and ends each environment after that. */
  async retire(): Promise<void> {
    this.retired = true;
    clearInterval(this.sweep);
    this.dispatch();
    await this.empty.promise;
  }

  /**
   * Fails an invocation that waits for others to end. One that has an environment, or for which one is being
   * started, goes on.
   * @param reason what it fails with
   */
  cancelQueued(invocation: Invocation, reason: Error): void {
    const waiting = this.queue.get(invocation);
    if (!waiting || [...this.queue.keys().take(this.soonFree())].includes(invocation)) return;
    this.queue.delete(invocation);
    waiting.reject(reason);
  }

  /** Ends every environment, and waits for their end. To be called when no invocation is under way. */
  async stop(): Promise<void> {
    clearInterval(this.sweep);
    await Promise.all([...this.environments].map((environment) => environment.stop()));
  }

  /** Ends every environment at once, whatever it does: for a process that must not go on. */
  kill(): void {
    for (const environment of this.environments) environment.kill();
  }

  /** Gives waiting invocations to idle environments, and starts environments for those that are left. */
  private dispatch(): void {
    while (this.queue.size > 0) {
      const free = this.idle.pop();
      if (!free) break;
      // It may have died since.
      if (free.environment.state !== 'idle') continue;
      const next = this.take();
      next?.resolve(free.environment.invoke(next.invocation));
    }
    if (this.queue.size === 0) {
      if (this.retired) this.stopUnneeded();
      return;
    }
    const { maxEnvironments } = this.options;
    let soonFree = this.soonFree();
    for (; soonFree < this.queue.size && this.environments.size < maxEnvironments; soonFree++) this.start();
  }

  /** How many environments are about to take an invocation. */
  private soonFree(): number {
    let count = 0;
    for (const { state } of this.environments) if (state === 'starting' || state === 'finishing') count++;
    return count;
  }

  /** The invocation that has waited longest. */
  private take(): (Waiting & { invocation: Invocation }) | undefined {
    for (const [invocation, waiting] of this.queue) {
      this.queue.delete(invocation);
      return { invocation, ...waiting };
    }
    return undefined;
  }

  private start(): void {
    const environment = new ExecutionEnvironment(this.fn, this.version, {
      changed: () => this.onChange(environment),
      line: (line, requestId) => this.options.report({ event: 'log', function: this.fn.name, requestId, line }),
    });
    this.environments.add(environment);
  }

  private onChange(environment: ExecutionEnvironment): void {
    if (environment.state === 'idle') {
      this.idle.push({ environment, since: performance.now() });
    } else {
      this.environments.delete(environment);
      // Lambda reports a failed initialisation to the invocation that it was started for.
      const { initFailure } = environment;
      const next = initFailure && this.take();
      if (next) next.resolve({ payload: initFailure(next.invocation.requestId), failed: true, cold: true });
    }
    this.dispatch();
  }

  private stopUnneeded(): void {
    for (const environment of this.environments) {
      // What is busy or finishing becomes idle, and comes by here again.
      if (environment.state === 'idle' || environment.state === 'starting') environment.kill();
    }
    if (this.environments.size === 0) this.empty.resolve();
  }

  private stopIdle(idleMs: number): void {
    const limit = performance.now() - idleMs;
    while (this.idle[0] && this.idle[0].since <= limit) this.idle.shift()?.environment.stop();
  }
}
