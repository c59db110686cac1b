import type { FunctionModel } from '../cloud-assembly/stack-model.ts';
import type { EnvironmentObserver, Phase } from './environment-phase.ts';
import { environmentVariables } from './environment-variables.ts';
import { exited, responseTooLarge, timedOut, truncated } from './function-error.ts';
import { FunctionProcess } from './function-process.ts';
import type { Invocation, InvocationResult } from './invocation.ts';
import { RunningInvocation, type RuntimeResponse } from './running-invocation.ts';
import { maxResponseBytes, RuntimeApi, type RuntimeClientCalls } from './runtime-client/runtime-api.ts';
import { createTemporaryFolder, removeTemporaryFolder } from './temporary-folder.ts';

/** Docs: lambda-runtime-environment. */
const initTimeoutMs = 10_000;

/**
 * A Lambda execution environment: a process in which one version of a function handles one invocation after another,
 * until it is stopped, crashes, or exceeds its time or memory.
 */
export class ExecutionEnvironment {
  private readonly fn: FunctionModel;
  private readonly version: string;
  private readonly observer: EnvironmentObserver;
  private readonly calls: RuntimeClientCalls = {
    next: () => this.onNext(),
    response: (requestId, payload) => this.onResponse(requestId, payload),
    error: (requestId, payload) => this.respond(requestId, { payload, failed: true }),
    brokenResponse: (requestId) => {
      if (this.running?.invocation.requestId !== requestId) return;
      this.running.isBroken = true;
      this.failBroken();
    },
    initError: (payload) => {
      if (this.phase.name === 'starting') this.phase.initError = payload;
    },
    disconnected: () => this.beginEnd('died'),
  };
  private readonly runtimeApi: RuntimeApi;
  private readonly endpoints: Record<string, string>;
  private readonly ended = Promise.withResolvers<void>();
  private phase: Phase = { name: 'starting', attempt: 'first', since: 0 };
  private temporaryFolder: string | undefined;
  private process: FunctionProcess | undefined;
  /** Limits the initialisation, then each invocation. */
  private timer: NodeJS.Timeout | undefined;
  /** How long the initialisation took, until the first invocation reports it. */
  private initMs: number | undefined;

  /** @param endpoints variables that lead clients of AWS to this machine */
  constructor(fn: FunctionModel, version: string, observer: EnvironmentObserver, endpoints = {}) {
    this.fn = fn;
    this.version = version;
    this.observer = observer;
    this.runtimeApi = new RuntimeApi(this.calls);
    this.endpoints = endpoints;
    this.start().catch((error: Error) => this.onStartFailure(error));
  }

  get state(): Phase['name'] {
    return this.phase.name;
  }

  /** Whether it will take a queued invocation soon, or fail one because its initialisation failed. */
  get isSoonFree(): boolean {
    const { phase } = this;
    const { name } = phase.name === 'ending' && phase.before.name === 'starting' ? phase.before : phase;
    return name === 'starting' || name === 'finishing';
  }

  /** Set once initialisation has failed: returns the error that Lambda gives to the invocation that waited for it. */
  get initFailure(): ((requestId: string) => Buffer) | undefined {
    return this.phase.name === 'ended' ? this.phase.initFailure : undefined;
  }

  /**
   * Invokes the function. The environment must be `idle`.
   * @returns the result; a failed invocation is a result too.
   */
  invoke(invocation: Invocation): Promise<InvocationResult> {
    if (this.phase.name !== 'idle') throw new Error(`The environment is ${this.phase.name}, not idle.`);
    const running = new RunningInvocation(invocation, this.initMs);
    this.initMs = undefined;
    this.phase = { name: 'busy', running };
    this.process?.limitMemory(true);
    const { timeoutMs } = this.fn;
    this.timer = setTimeout(() => this.kill('timeout'), timeoutMs);
    this.waitingClient?.deliver(running.headers(timeoutMs), invocation.payload);
    return running.result;
  }

  /** Kills the process, even during an invocation, and waits until it has exited. */
  async stop(): Promise<void> {
    this.kill();
    await this.ended.promise;
  }

  /** Kills the process, even during an invocation. Does not wait. */
  kill(cause: 'timeout' | 'stopped' = 'stopped'): void {
    this.beginEnd(cause);
    this.process?.kill();
  }

  private async start(): Promise<void> {
    const runtimeApi = await this.runtimeApi.listen();
    const temporaryFolder = await createTemporaryFolder();
    this.temporaryFolder = temporaryFolder;
    const { fn, version, endpoints } = this;
    const env = environmentVariables(fn, { version, runtimeApi, temporaryFolder, endpoints });
    if (this.phase.name === 'ending') this.onProcessEnd(null, 'SIGKILL', env);
    else this.spawn(env, 'first');
  }

  private spawn(env: NodeJS.ProcessEnv, attempt: 'first' | 'last'): void {
    this.phase = { name: 'starting', attempt, since: performance.now() };
    this.timer = setTimeout(
      () => this.kill('timeout'),
      attempt === 'first' && !this.fn.inspector ? initTimeoutMs : this.fn.timeoutMs,
    );
    this.process = new FunctionProcess(this.fn, env, {
      calls: this.calls,
      observer: {
        line: (line) => this.onLine(this.observer.translate(line)),
        outOfMemory: () => {
          this.beginEnd('died');
          this.process?.kill();
        },
        exiting: () => this.beginEnd('died'),
        ended: (code, signal) => this.onProcessEnd(code, signal, env),
        notStarted: (error) => this.onStartFailure(error),
      },
    });
  }

  /** How the runtime client waits for an invocation; undefined if it does not wait. */
  private get waitingClient() {
    const channel = this.process?.channel;
    if (channel?.isWaiting) return channel;
    return this.runtimeApi.isWaiting ? this.runtimeApi : undefined;
  }

  private get running(): RunningInvocation | undefined {
    const { phase } = this;
    const working = phase.name === 'ending' ? phase.before : phase;
    return working.name === 'busy' ? working.running : undefined;
  }

  private onNext(): void {
    if (this.phase.name === 'starting') {
      this.initMs = performance.now() - this.phase.since;
      this.becomeIdle();
    } else if (this.phase.name === 'finishing') this.becomeIdle();
    else this.failBroken();
  }

  private onLine(line: string): void {
    const { running } = this;
    running?.addLine(line);
    this.observer.line(line, running?.invocation.requestId);
  }

  /** @returns whether the response is small enough */
  private onResponse(requestId: string, payload: Buffer | undefined): boolean {
    const accepted = payload !== undefined && payload.length <= maxResponseBytes;
    const response = accepted
      ? { payload, failed: false }
      : { payload: responseTooLarge(maxResponseBytes), failed: true };
    this.respond(requestId, response);
    return accepted;
  }

  /** Fails an invocation whose response broke off, unless its process has exited: that error says more. */
  private failBroken(): void {
    const { running } = this;
    if (!running?.isBroken || !this.waitingClient) return;
    const { requestId } = running.invocation;
    this.respond(requestId, { payload: truncated(requestId), failed: true });
  }

  private respond(requestId: string, response: RuntimeResponse): void {
    const { running } = this;
    if (running?.invocation.requestId !== requestId || running.response) return;
    running.response = response;
    // Output came on other pipes before the response did. This turn of the event loop reads all of them.
    setImmediate(() => {
      // The process may have ended since.
      if (this.phase.name !== 'busy' || this.phase.running !== running) return;
      this.process?.endLine();
      this.phase = { name: 'finishing' };
      running.end(response, response.failed ? 'error' : 'success', this.process);
      if (this.waitingClient) this.becomeIdle();
    });
  }

  private becomeIdle(): void {
    // Until the client waits for the next invocation, the time limit of the previous one holds.
    clearTimeout(this.timer);
    this.process?.limitMemory(false);
    this.phase = { name: 'idle' };
    this.observer.changed();
  }

  /** Ignores anything the process sends from here on, except a response and output. */
  private beginEnd(cause: 'timeout' | 'stopped' | 'died'): void {
    const { phase } = this;
    if (phase.name === 'ended') return;
    if (phase.name !== 'ending') this.phase = { name: 'ending', before: phase, cause };
    // A stop during initialisation cancels the second attempt.
    else if (cause === 'stopped' && phase.before.name === 'starting') phase.cause = cause;
  }

  private onProcessEnd(code: number | null, signal: NodeJS.Signals | null, env: NodeJS.ProcessEnv): void {
    this.beginEnd('died');
    const { phase } = this;
    if (phase.name !== 'ending') return;
    clearTimeout(this.timer);
    const { before, cause } = phase;
    // Lambda repeats an initialisation that took too long, within the time of the invocation.
    if (before.name === 'starting' && before.attempt === 'first' && cause === 'timeout') {
      this.spawn(env, 'last');
      return;
    }
    const failure = (requestId: string) =>
      cause === 'timeout' ? timedOut(requestId, this.fn.timeoutMs) : exited(requestId, code, signal);
    if (before.name === 'busy') {
      const { running } = before;
      const response = running.response ?? { payload: failure(running.invocation.requestId), failed: true };
      const status = cause === 'timeout' ? 'timeout' : response.failed ? 'error' : 'success';
      running.end(response, status, this.process);
    }
    const { initError = undefined } = before.name === 'starting' ? before : {};
    this.end(before.name === 'starting' ? (requestId) => initError ?? failure(requestId) : undefined);
  }

  /** There is no process, so no error of Lambda's fits exactly. */
  private onStartFailure(error: Error): void {
    this.onLine(`The function's process could not be started: ${error.message}`);
    clearTimeout(this.timer);
    this.end((requestId) => exited(requestId, 1, null));
  }

  private end(initFailure: ((requestId: string) => Buffer) | undefined): void {
    this.phase = { name: 'ended', ...(initFailure && { initFailure }) };
    this.runtimeApi.close();
    const { temporaryFolder } = this;
    this.ended.resolve(temporaryFolder === undefined ? undefined : removeTemporaryFolder(temporaryFolder));
    this.observer.changed();
  }
}
