import { randomBytes } from 'node:crypto';
import type { FunctionModel, InvokeTarget } from '../cloud-assembly/stack-model.ts';
import { environmentVariables } from './environment-variables.ts';
import { exited, responseTooLarge, timedOut } from './function-error.ts';
import { FunctionProcess, type FunctionProcessObserver } from './function-process.ts';
import type { PipeChannel } from './runtime-client/pipe-channel.ts';
import { RuntimeApi, type RuntimeClientCalls } from './runtime-client/runtime-api.ts';

/** One event for a function to work on. */
export interface Invocation {
  target: InvokeTarget;
  requestId: string;
  /** JSON. */
  payload: Buffer | string;
  /** As in the header X-Amzn-Trace-Id. */
  traceId?: string | undefined;
  /** JSON, for `context.clientContext`. */
  clientContext?: string | undefined;
  /** Whether the result is to have a report. @default false */
  wantsReport?: boolean;
}

/** What became of an invocation. */
export interface InvocationResult {
  /** JSON: what the handler returned or, where it failed, the error in Lambda's shape. */
  payload: Buffer;
  /** Whether Lambda would set X-Amz-Function-Error. */
  failed: boolean;
  /** Whether it was the first of its environment. */
  cold: boolean;
  /** Absent unless the invocation asked for it, and where no process could be started. */
  report?: InvocationReport | undefined;
}

/** What Lambda reports of an invocation in the log. */
export interface InvocationReport {
  durationMs: number;
  /** How long the environment took to initialise, where this was its first invocation. */
  initMs: number | undefined;
  /** The most that the process has ever held; 0 where the system does not tell. */
  maxMemoryMb: number;
  status: 'success' | 'error' | 'timeout';
  /** What the function wrote, line by line. */
  lines: string[];
}

/**
 * `finishing`: it has answered, and not yet asked for the next invocation. `ending`: it was without work when its
 * process ended, of which not all is seen to yet.
 */
export type EnvironmentState = 'starting' | 'idle' | 'busy' | 'finishing' | 'ending' | 'gone';

export interface EnvironmentObserver {
  /** The environment is `idle` or `gone`. */
  changed(): void;
  /** The function wrote a line; outside of an invocation there is no request id. */
  line(line: string, requestId: string | undefined): void;
}

/** Docs: gettingstarted-limits, lambda-runtime-environment. The response may be 6 MB and its envelope. */
const maxResponseBytes = 6_291_556;
const initTimeoutMs = 10_000;

interface Running {
  invocation: Invocation;
  cold: boolean;
  startedAt: number;
  lines: string[];
  resolve(result: InvocationResult): void;
  answer?: { payload: Buffer; failed: boolean };
}

/**
 * A Lambda execution environment: a process in which one version of a function works on one invocation after
 * another, until it is stopped, or dies of time, memory or its own hand.
 */
export class ExecutionEnvironment {
  state: EnvironmentState = 'starting';
  /** Set once initialisation has failed: the error that Lambda gives the invocation that waited for it. */
  initFailure: ((requestId: string) => Buffer) | undefined;

  private readonly fn: FunctionModel;
  private readonly version: string;
  private readonly observer: EnvironmentObserver;
  private readonly calls: RuntimeClientCalls = {
    next: () => this.onNext(),
    response: (requestId, payload) => this.onResponse(requestId, payload),
    error: (requestId, payload) => this.onAnswer(requestId, { payload, failed: true }),
    initError: (payload) => {
      this.initFailure = () => payload;
    },
    gone: () => this.onEnding(),
  };
  private readonly runtimeApi: RuntimeApi;
  private readonly logStream: string;
  private readonly gone = Promise.withResolvers<void>();
  private process: FunctionProcess | undefined;
  private stopped = false;
  /** Whether the process has ended, or is about to. */
  private ending = false;
  private running: Running | undefined;
  private timer: NodeJS.Timeout | undefined;
  private spawnedAt = 0;
  private initMs = 0;
  private used = false;
  /** Why we ended the process, where it was for time. */
  private endedBy: 'timeout' | 'init timeout' | undefined;

  constructor(fn: FunctionModel, version: string, observer: EnvironmentObserver) {
    this.fn = fn;
    this.version = version;
    this.observer = observer;
    this.runtimeApi = new RuntimeApi(this.calls);
    const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
    this.logStream = `${day}/[${version}]${randomBytes(16).toString('hex')}`;
    this.start().catch((error: Error) => this.onNotStarted(error));
  }

  /**
   * Has the function work on an event. To be called when the environment is `idle`.
   * @returns the result; an invocation that fails is a result too.
   */
  invoke(invocation: Invocation): Promise<InvocationResult> {
    if (this.state !== 'idle') throw new Error(`The environment is ${this.state}, not idle.`);
    this.state = 'busy';
    const { target, requestId, payload, traceId, clientContext } = invocation;
    const { promise, resolve } = Promise.withResolvers<InvocationResult>();
    const startedAt = performance.now();
    this.running = { invocation, cold: !this.used, startedAt, lines: [], resolve };
    this.used = true;
    this.timer = setTimeout(() => this.end('timeout'), this.fn.timeoutMs);
    this.asked?.deliver(
      {
        'lambda-runtime-aws-request-id': requestId,
        'lambda-runtime-deadline-ms': String(Date.now() + this.fn.timeoutMs),
        'lambda-runtime-invoked-function-arn': target.arn,
        ...(traceId && { 'lambda-runtime-trace-id': traceId }),
        ...(clientContext && { 'lambda-runtime-client-context': clientContext }),
      },
      payload,
    );
    return promise;
  }

  /** Ends the process, whatever it does, and waits for its end. */
  async stop(): Promise<void> {
    this.kill();
    await this.gone.promise;
  }

  /** Ends the process, whatever it does, without waiting for its end. */
  kill(): void {
    this.stopped = true;
    if (this.state !== 'gone') this.killProcess();
  }

  private async start(): Promise<void> {
    const address = await this.runtimeApi.listen();
    if (this.stopped) this.onGone(null, 'SIGKILL');
    else this.spawn(address, initTimeoutMs, false);
  }

  private spawn(address: string, initLimitMs: number, isRetry: boolean): void {
    this.ending = false;
    this.spawnedAt = performance.now();
    this.timer = setTimeout(() => this.end('init timeout'), initLimitMs);
    const { version, logStream } = this;
    const env = environmentVariables(this.fn, { version, runtimeApi: address, logStream });
    const observer: FunctionProcessObserver = {
      line: (line) => this.onLine(line),
      outOfMemory: () => this.killProcess(),
      ending: () => this.onEnding(),
      notStarted: (error) => this.onNotStarted(error),
      ended: (code, signal) => {
        // Lambda runs an initialisation that took too long once more, on the invocation's time.
        const again = this.endedBy === 'init timeout' && !isRetry && !this.stopped;
        if (!again) return this.onGone(code, signal);
        this.endedBy = undefined;
        this.spawn(address, this.fn.timeoutMs, true);
      },
    };
    this.process = new FunctionProcess(this.fn, env, { calls: this.calls, observer });
  }

  /** What the runtime waits at for an invocation, if it does. */
  private get asked(): PipeChannel | RuntimeApi | undefined {
    const channel = this.process?.channel;
    if (channel?.isAsked) return channel;
    return this.runtimeApi.isAsked ? this.runtimeApi : undefined;
  }

  private onNext(): void {
    if (this.state === 'starting') this.initMs = performance.now() - this.spawnedAt;
    this.becomeIdle();
  }

  private onLine(line: string): void {
    if (this.running?.invocation.wantsReport) this.running.lines.push(line);
    this.observer.line(line, this.running?.invocation.requestId);
  }

  private onResponse(requestId: string, payload: Buffer): boolean {
    const accepted = payload.length <= maxResponseBytes;
    const tooLarge = () => ({ payload: responseTooLarge(maxResponseBytes), failed: true });
    this.onAnswer(requestId, accepted ? { payload, failed: false } : tooLarge());
    return accepted;
  }

  private onAnswer(requestId: string, answer: { payload: Buffer; failed: boolean }): void {
    const { running } = this;
    if (running?.invocation.requestId !== requestId || running.answer) return;
    running.answer = answer;
    // What the function wrote before it answered came by other ways, and is as ready to be read as the answer was: by
    // the end of this turn of the event loop it has been.
    setImmediate(() => this.finish(running, answer));
  }

  private finish(running: Running, answer: { payload: Buffer; failed: boolean }): void {
    // It may have ended since.
    if (this.running !== running) return;
    this.process?.endLine();
    this.state = 'finishing';
    this.resolveRunning(running, answer);
    this.becomeIdle();
  }

  private resolveRunning(running: Running, answer: { payload: Buffer; failed: boolean }): void {
    const { invocation, cold, startedAt, lines, resolve } = running;
    this.running = undefined;
    const report = invocation.wantsReport && {
      durationMs: performance.now() - startedAt,
      initMs: cold ? this.initMs : undefined,
      maxMemoryMb: this.process?.peakMb() ?? 0,
      status:
        this.endedBy === 'timeout' ? ('timeout' as const) : answer.failed ? ('error' as const) : ('success' as const),
      lines,
    };
    resolve({ ...answer, cold, ...(report && { report }) });
  }

  private becomeIdle(): void {
    if (this.running || !this.asked || this.ending || this.state === 'gone') return;
    // Until it asks for more, an invocation that has answered is on the clock.
    clearTimeout(this.timer);
    this.state = 'idle';
    this.observer.changed();
  }

  private end(reason: 'timeout' | 'init timeout'): void {
    this.endedBy ??= reason;
    this.killProcess();
  }

  private killProcess(): void {
    this.onEnding();
    this.process?.kill();
  }

  /** What it still says, such as that it waits for an invocation, does not count any more. */
  private onEnding(): void {
    this.ending = true;
    if (this.state === 'idle' || this.state === 'finishing') this.state = 'ending';
  }

  private onGone(code: number | null, signal: NodeJS.Signals | null): void {
    const failure = (requestId: string) =>
      this.endedBy ? timedOut(requestId, this.fn.timeoutMs) : exited(requestId, code, signal);
    if (this.state === 'starting') this.initFailure ??= failure;
    this.state = 'gone';
    clearTimeout(this.timer);
    this.runtimeApi.close();
    if (this.running) {
      const { invocation, answer } = this.running;
      this.resolveRunning(this.running, answer ?? { payload: failure(invocation.requestId), failed: true });
    }
    this.gone.resolve();
    this.observer.changed();
  }

  /** There is no process: nothing of Lambda's would be true of what follows. */
  private onNotStarted(error: Error): void {
    this.onLine(`The function's process could not be started: ${error.message}`);
    this.onGone(1, null);
  }
}
