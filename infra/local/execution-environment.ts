import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { ServedFunction } from './assembly.ts';
import { environmentVariables } from './environment-variables.ts';
import { exited, responseTooLarge, timedOut } from './function-error.ts';
import { readLogLines } from './log-lines.ts';
import { RuntimeApi } from './runtime-api.ts';

/** One event for a function to work on. */
export interface Invocation {
  requestId: string;
  /** JSON. */
  payload: Buffer | string;
  /** As in the header X-Amzn-Trace-Id. */
  traceId?: string;
}

/** What became of an invocation. */
export interface InvocationResult {
  /** JSON: what the handler returned or, where it failed, the error in Lambda's shape. */
  payload: Buffer;
  /** Whether Lambda would set X-Amz-Function-Error. */
  failed: boolean;
  /** Whether it was the first of its environment. */
  cold: boolean;
}

/** `finishing`: it has answered, and not yet asked for the next invocation. */
export type EnvironmentState = 'starting' | 'idle' | 'busy' | 'finishing' | 'gone';

export interface EnvironmentObserver {
  /** The environment is `idle` or `gone`. */
  changed(): void;
  /** The function wrote a line; outside of an invocation there is no request id. */
  line(line: string, requestId: string | undefined): void;
}

/** Docs: gettingstarted-limits, lambda-runtime-environment. The response may be 6 MB and its envelope. */
const maxResponseBytes = 6_291_556;
const initTimeoutMs = 10_000;

const memoryCheckMs = 100;

const runtimeClient = fileURLToPath(import.meta.resolve('aws-lambda-ric'));
const nativeClient = fileURLToPath(new URL('native-client.cjs', import.meta.url));

interface Running {
  requestId: string;
  cold: boolean;
  resolve(result: InvocationResult): void;
  answer?: { payload: Buffer; failed: boolean };
  /** Whether all that the function wrote during the invocation has been read. */
  logComplete: boolean;
}

/**
 * A Lambda execution environment: a process in which AWS's own runtime client runs the function, one
 * invocation after another, until it is stopped, or dies of time, memory or its own hand.
 */
export class ExecutionEnvironment {
  state: EnvironmentState = 'starting';
  /** Set once initialisation has failed: the error that Lambda gives the invocation that waited for it. */
  initFailure: ((requestId: string) => Buffer) | undefined;

  private readonly fn: ServedFunction;
  private readonly observer: EnvironmentObserver;
  private readonly runtimeApi: RuntimeApi;
  private readonly logStream: string;
  private readonly gone = Promise.withResolvers<void>();
  private process: ChildProcess | undefined;
  private stopped = false;
  private running: Running | undefined;
  private used = false;
  private timer: NodeJS.Timeout | undefined;
  /** Why we ended the process, where it was us. */
  private endedBy: 'timeout' | 'memory' | 'init timeout' | undefined;

  constructor(fn: ServedFunction, observer: EnvironmentObserver) {
    this.fn = fn;
    this.observer = observer;
    this.runtimeApi = new RuntimeApi({
      next: () => this.onNext(),
      response: (requestId, body) => this.onResponse(requestId, body),
      error: (requestId, payload) => this.onAnswer(requestId, { payload, failed: true }),
      initError: (payload) => {
        this.initFailure = () => payload;
      },
    });
    this.logStream = `${new Date().toISOString().slice(0, 10).replaceAll('-', '/')}/[$LATEST]${randomBytes(16).toString('hex')}`;
    this.start().catch((error: Error) => this.onStartFailure(error));
  }

  /**
   * Has the function work on an event. To be called when the environment is `idle`.
   * @returns the result; an invocation that fails is a result too.
   */
  invoke({ requestId, payload, traceId }: Invocation): Promise<InvocationResult> {
    if (this.state !== 'idle') throw new Error(`The environment is ${this.state}, not idle.`);
    this.state = 'busy';
    const cold = !this.used;
    this.used = true;
    const { promise, resolve } = Promise.withResolvers<InvocationResult>();
    this.running = { requestId, cold, resolve, logComplete: false };
    this.timer = setTimeout(() => this.end('timeout'), this.fn.timeoutMs);
    this.runtimeApi.deliver(
      {
        'lambda-runtime-aws-request-id': requestId,
        'lambda-runtime-deadline-ms': Date.now() + this.fn.timeoutMs,
        'lambda-runtime-invoked-function-arn': this.fn.arn,
        ...(traceId && { 'lambda-runtime-trace-id': traceId }),
      },
      payload,
    );
    return promise;
  }

  /** Ends the process, whatever it does. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.kill();
    await this.gone.promise;
  }

  private async start(): Promise<void> {
    const address = await this.runtimeApi.listen();
    if (this.stopped) this.onGone(null, 'SIGKILL');
    else this.spawn(address, initTimeoutMs);
  }

  private spawn(address: string, initLimitMs: number): void {
    // As /var/runtime/bootstrap does: a tenth of the memory for young objects, the rest for old ones.
    const young = Math.floor(this.fn.memoryMb / 10);
    const child = spawn(
      process.execPath,
      [
        `--max-semi-space-size=${Math.floor(young / 2)}`,
        `--max-old-space-size=${this.fn.memoryMb - young}`,
        '--require',
        nativeClient,
        runtimeClient,
        this.fn.handler,
      ],
      {
        cwd: this.fn.directory,
        env: environmentVariables(this.fn, address, this.logStream),
        stdio: ['ignore', 'pipe', 'pipe'],
        // A process group of its own: Ctrl-C reaches us only, and what the function starts ends with it.
        detached: process.platform !== 'win32',
      },
    );
    this.process = child;
    this.timer = setTimeout(() => this.end('init timeout'), initLimitMs);
    const memoryTimer = setInterval(() => this.checkMemory(), memoryCheckMs).unref();

    const line = (text: string) => this.observer.line(text, this.running?.requestId);
    readLogLines(child.stdout, { line, end: (requestId) => this.onLogComplete(requestId) });
    readLogLines(child.stderr, { line });
    child.on('error', (error) => this.onStartFailure(error));
    child.on('exit', () => this.kill());
    child.on('close', (code, signal) => {
      clearInterval(memoryTimer);
      clearTimeout(this.timer);
      // Lambda runs an initialisation that took too long once more, on the invocation's time.
      const again = this.endedBy === 'init timeout' && initLimitMs === initTimeoutMs && !this.stopped;
      this.endedBy = again ? undefined : this.endedBy;
      if (again) this.spawn(address, this.fn.timeoutMs);
      else this.onGone(code, signal);
    });
  }

  private onNext(): void {
    if (this.state === 'starting') clearTimeout(this.timer);
    this.becomeIdle();
  }

  private onResponse(requestId: string, payload: Buffer): boolean {
    const accepted = payload.length <= maxResponseBytes;
    this.onAnswer(
      requestId,
      accepted ? { payload, failed: false } : { payload: responseTooLarge(maxResponseBytes), failed: true },
    );
    return accepted;
  }

  private onAnswer(requestId: string, answer: { payload: Buffer; failed: boolean }): void {
    if (this.running?.requestId !== requestId) return;
    this.running.answer = answer;
    this.finish();
  }

  private onLogComplete(requestId: string): void {
    if (this.running?.requestId !== requestId) return;
    this.running.logComplete = true;
    this.finish();
  }

  /** Gives the result away once both the answer and the log are there: they come by different ways. */
  private finish(): void {
    if (!this.running?.answer || !this.running.logComplete) return;
    const { answer, cold, resolve } = this.running;
    this.running = undefined;
    this.state = 'finishing';
    resolve({ ...answer, cold });
    this.becomeIdle();
  }

  private becomeIdle(): void {
    if (this.running || !this.runtimeApi.isAsked || this.state === 'gone') return;
    // Until it asks for more, an invocation that has answered is on the clock.
    clearTimeout(this.timer);
    this.state = 'idle';
    this.observer.changed();
  }

  private async checkMemory(): Promise<void> {
    if (process.platform !== 'linux') return;
    const statm = await readFile(`/proc/${this.process?.pid}/statm`, 'utf8').catch(() => '');
    const residentBytes = Number(statm.split(' ')[1]) * 4096;
    if (residentBytes > this.fn.memoryMb * 1024 * 1024) this.end('memory');
  }

  private end(reason: NonNullable<typeof this.endedBy>): void {
    this.endedBy ??= reason;
    this.kill();
  }

  /** Kills the process and all that it started, without waiting for its end. */
  kill(): void {
    const pid = this.process?.pid;
    if (pid === undefined || this.state === 'gone') return;
    try {
      process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }

  private onGone(code: number | null, signal: NodeJS.Signals | null): void {
    const wasStarting = this.state === 'starting';
    this.state = 'gone';
    this.runtimeApi.close();
    const failure = (requestId: string) =>
      this.endedBy === 'timeout' || this.endedBy === 'init timeout'
        ? timedOut(requestId, this.fn.timeoutMs)
        : exited(requestId, code, signal);
    if (wasStarting) this.initFailure ??= failure;
    if (this.running) {
      const { requestId, cold, answer, resolve } = this.running;
      this.running = undefined;
      resolve({ cold, ...(answer ?? { payload: failure(requestId), failed: true }) });
    }
    this.gone.resolve();
    this.observer.changed();
  }

  /** There is no process: nothing of Lambda's would be true of what follows. */
  private onStartFailure(error: Error): void {
    this.observer.line(`The function's process could not be started: ${error.message}`, undefined);
    this.process = undefined;
    this.onGone(1, null);
  }
}
