import type { FunctionModel } from '../cloud-assembly/stack-model.ts';
import type { EnvironmentObserver } from './environment-phase.ts';
import { ExecutionEnvironment } from './execution-environment.ts';
import type { Invocation, InvocationResult } from './invocation.ts';

export interface PoolOptions {
  /** The most environments of a version at a time, to spare this machine. */
  maxEnvironments: number;
  /** How long an environment stays idle before it is stopped. @default five minutes */
  idleMs?: number;
  /** Returns where functions find the Lambda API. @default nowhere */
  endpoints?(): Record<string, string>;
  report(event: LogReport): void;
  /** Returns a line of a function as it is logged. @default as it is */
  translate?(line: string, fn: FunctionModel): string;
}

/** A line that a function wrote. */
export interface LogReport {
  event: 'log';
  /** The function's name. */
  function: string;
  /** Absent for a line written outside of an invocation. */
  requestId: string | undefined;
  line: string;
}

/** The promise of a queued invocation. */
interface Queued {
  resolve(result: InvocationResult | Promise<InvocationResult>): void;
  reject(error: Error): void;
}

/**
 * The execution environments of one version of a function. An invocation takes an idle environment, or starts one.
 * Invocations queue when there are `maxEnvironments`, where Lambda would start more.
 */
export class EnvironmentPool {
  private readonly fn: FunctionModel;
  private readonly version: string;
  private readonly options: PoolOptions;
  private readonly environments = new Set<ExecutionEnvironment>();
  /** Idle environments, the last used one at the end. */
  private readonly idle: { environment: ExecutionEnvironment; since: number }[] = [];
  /** In the order of arrival. */
  private readonly queue = new Map<Invocation, Queued>();
  private readonly sweep: NodeJS.Timeout;
  /** Settles when a retired pool has no environment left. */
  private readonly empty = Promise.withResolvers<void>();
  private retired = false;

  constructor(fn: FunctionModel, version: string, options: PoolOptions) {
    this.fn = fn;
    this.version = version;
    this.options = options;
    const { idleMs = 5 * 60_000 } = options;
    this.sweep = setInterval(() => this.stopIdle(idleMs), idleMs / 2).unref();
  }

  /** Invokes the version, in an environment that handles nothing else meanwhile. */
  invoke(invocation: Invocation): Promise<InvocationResult> {
    return new Promise((resolve, reject) => {
      this.queue.set(invocation, { resolve, reject });
      this.dispatch();
    });
  }

  /** Finishes the queued and running invocations, then ends each environment. Do not invoke a retired pool. */
  async retire(): Promise<void> {
    this.retired = true;
    clearInterval(this.sweep);
    this.dispatch();
    await this.empty.promise;
  }

  /**
   * Rejects a queued invocation. Does nothing to one that has an environment, or will have one that is starting.
   * @param reason what it is rejected with
   */
  cancelQueued(invocation: Invocation, reason: Error): void {
    const queued = this.queue.get(invocation);
    if (!queued || [...this.queue.keys().take(this.soonFree())].includes(invocation)) return;
    this.queue.delete(invocation);
    queued.reject(reason);
  }

  /** Ends every environment, and waits for that. No invocation may be in flight. */
  async stop(): Promise<void> {
    clearInterval(this.sweep);
    await Promise.all([...this.environments].map((environment) => environment.stop()));
  }

  /**
   * Kills every environment, even during an invocation. Does not wait.
   * @param reason what queued invocations are rejected with
   */
  kill(reason: Error): void {
    for (const environment of this.environments) environment.kill();
    for (const { reject } of this.queue.values()) reject(reason);
    this.queue.clear();
  }

  /** Gives queued invocations to idle environments, and starts environments for the rest. */
  private dispatch(): void {
    while (this.queue.size > 0) {
      const free = this.idle.pop();
      if (!free) break;
      // It may have crashed since.
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

  /** Counts the environments that will take a queued invocation soon. */
  private soonFree(): number {
    let count = 0;
    for (const { isSoonFree } of this.environments) if (isSoonFree) count++;
    return count;
  }

  /** Removes the oldest invocation from the queue. */
  private take(): (Queued & { invocation: Invocation }) | undefined {
    for (const [invocation, queued] of this.queue) {
      this.queue.delete(invocation);
      return { invocation, ...queued };
    }
    return undefined;
  }

  private start(): void {
    const { endpoints, report, translate } = this.options;
    const observer: EnvironmentObserver = {
      changed: () => this.onChange(environment),
      translate: (line) => translate?.(line, this.fn) ?? line,
      line: (line, requestId) => report({ event: 'log', function: this.fn.name, requestId, line }),
    };
    const environment = new ExecutionEnvironment(this.fn, this.version, observer, endpoints?.());
    this.environments.add(environment);
  }

  private onChange(environment: ExecutionEnvironment): void {
    if (environment.state === 'idle') {
      this.idle.push({ environment, since: performance.now() });
    } else {
      this.environments.delete(environment);
      // Lambda reports a failed initialisation to the invocation that the environment was started for.
      const { initFailure } = environment;
      const next = initFailure && this.take();
      if (next) next.resolve({ payload: initFailure(next.invocation.requestId), failed: true, cold: true });
    }
    this.dispatch();
  }

  private stopUnneeded(): void {
    for (const environment of this.environments) {
      // A busy or finishing one becomes idle, which calls this again.
      if (environment.state === 'idle' || environment.state === 'starting') environment.kill();
    }
    if (this.environments.size === 0) this.empty.resolve();
  }

  private stopIdle(idleMs: number): void {
    const limit = performance.now() - idleMs;
    while (this.idle[0] && this.idle[0].since <= limit) this.idle.shift()?.environment.stop();
  }
}
