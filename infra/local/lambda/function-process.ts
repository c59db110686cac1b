import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { projectRoot } from '../../project-root.ts';
import type { FunctionModel } from '../cloud-assembly/stack-model.ts';
import { localPaths } from './environment-variables.ts';
import { LineSplitter } from './line-splitter.ts';
import { PipeChannel } from './runtime-client/pipe-channel.ts';
import type { RuntimeClientCalls } from './runtime-client/runtime-api.ts';
import { telemetryFd } from './runtime-client/telemetry.cjs';
import { TelemetryReader } from './runtime-client/telemetry-reader.ts';

export interface FunctionProcessObserver {
  /** The process wrote a line. */
  line(line: string): void;
  /** The process uses more memory than the function has. */
  outOfMemory(): void;
  /** The process has exited; some of its output may follow. */
  exiting(): void;
  /** The process has exited, and all of its output has been read. */
  ended(code: number | null, signal: NodeJS.Signals | null): void;
  notStarted(error: Error): void;
}

const memoryCheckMs = 100;
/** How long output is read after the process has exited. */
const outputGraceMs = 500;

const runtimeClient = fileURLToPath(import.meta.resolve('aws-lambda-ric'));
const nativeClient = join(projectRoot, 'infra/local/lambda/runtime-client/rapid-client.cjs');

/** Starts the runtime under a wrapper, as /var/runtime/bootstrap does (docs: runtimes-modify). */
const execWrapper = `
  if [ ! -f "$1" ]; then echo "$1: does not exist"; exit 127; fi
  if [ ! -x "$1" ]; then echo "$1: is not an executable"; exit 126; fi
  exec "$@"`;

/** Returns the program that runs a function, and its arguments. */
function commandOf(fn: FunctionModel, env: NodeJS.ProcessEnv): [program: string, args: string[]] {
  const { NODE_OPTIONS = '', AWS_LAMBDA_EXEC_WRAPPER: wrapper } = env;
  // As /var/runtime/bootstrap does: a tenth of the memory for young objects, the rest for old ones.
  const young = Math.floor(fn.memoryMb / 10);
  const flags = /--max[-_](old|semi)[-_]space[-_]size/.test(NODE_OPTIONS)
    ? []
    : [`--max-semi-space-size=${Math.floor(young / 2)}`, `--max-old-space-size=${fn.memoryMb - young}`];
  const args = [...inspectorFlags(fn), ...flags, '--require', nativeClient, runtimeClient, fn.handler];
  if (!wrapper) return [process.execPath, args];
  return ['/bin/sh', ['-c', execWrapper, 'bootstrap', localPaths(fn, wrapper), process.execPath, ...args]];
}

function inspectorFlags({ inspector }: FunctionModel): string[] {
  if (!inspector) return [];
  // Only on this machine. Node.js refuses a request with another Host header, as a web page could send it.
  return [`--inspect${inspector.waits ? '-brk' : ''}=127.0.0.1:${inspector.port}`, '--enable-source-maps'];
}

/** A process that runs a function under AWS's runtime client. */
export class FunctionProcess {
  /** The pipe to the runtime client; undefined if the process could not be started. */
  readonly channel: PipeChannel | undefined;
  private readonly child: ChildProcess;
  private readonly logs: { endLine(): void }[] = [];
  private sampledPeakMb = 0;
  private memoryTimer: NodeJS.Timeout | undefined;
  private checkMemory: () => void = () => {};
  private isRunning = false;

  constructor(
    fn: FunctionModel,
    env: NodeJS.ProcessEnv,
    { calls, observer }: { calls: RuntimeClientCalls; observer: FunctionProcessObserver },
  ) {
    const [program, args] = commandOf(fn, env);
    const child = spawn(program, args, {
      cwd: fn.directory,
      // As Lambda does: the runtime client writes its log lines to this pipe, synchronously.
      env: { ...env, _LAMBDA_TELEMETRY_LOG_FD: String(telemetryFd) },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
      // A process group of its own: Ctrl-C reaches only this process, and a kill reaches the function's children.
      detached: process.platform !== 'win32',
    });
    this.child = child;

    child.on('error', (error) => {
      if (child.pid === undefined) observer.notStarted(error);
    });
    const { stdout, stderr, stdio } = child;
    const [, , , channel, telemetry] = stdio;
    // The process could not be started, for example for lack of file descriptors. An `error` event follows.
    if (child.pid === undefined || !stdout || !stderr) return;
    if (!(channel instanceof Duplex) || !(telemetry instanceof Duplex)) return;

    this.channel = new PipeChannel(channel, calls);
    const splitters = [stdout, stderr].map((output) => {
      const splitter = new LineSplitter(observer.line);
      output.on('data', (bytes: Buffer) => splitter.write(bytes));
      output.on('close', () => splitter.endLine());
      return splitter;
    });
    this.logs = [new TelemetryReader(telemetry, observer.line), ...splitters];
    this.checkMemory = async () => {
      if (!fn.inspector && (await this.residentMb()) > fn.memoryMb) observer.outOfMemory();
    };
    this.limitMemory(true);
    child.on('exit', () => {
      observer.exiting();
      this.kill();
      // A child in another process group survives, and keeps the output open.
      const close = () => {
        for (const stream of [stdout, stderr, channel, telemetry]) stream.destroy();
      };
      // After the next poll for events, in case this process was too busy to read what is there.
      setTimeout(() => setImmediate(close), outputGraceMs).unref();
    });
    child.on('close', (code, signal) => {
      clearInterval(this.memoryTimer);
      observer.ended(code, signal);
    });
  }

  /** Limits its memory while it runs an invocation. Without one, Lambda freezes a process: it cannot allocate. */
  limitMemory(isRunning: boolean): void {
    this.isRunning = isRunning;
    if (!isRunning || this.memoryTimer) return;
    // Ends by itself, since a timer that is set for each invocation costs time.
    this.memoryTimer = setInterval(() => {
      this.checkMemory();
      if (this.isRunning) return;
      clearInterval(this.memoryTimer);
      this.memoryTimer = undefined;
    }, memoryCheckMs).unref();
  }

  /** Reports unfinished lines as lines. */
  endLine(): void {
    for (const log of this.logs) log.endLine();
  }

  /** Kills the process and its children. Does not wait. */
  kill(): void {
    const { pid } = this.child;
    if (pid === undefined) return;
    try {
      process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }

  /** Returns the peak memory so far; 0 if the system does not say. */
  peakMb(): number {
    try {
      const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
      this.sampledPeakMb = Math.max(this.sampledPeakMb, megabytes('VmHWM', status));
    } catch {
      // The process has exited, or the system has no /proc.
    }
    return Math.ceil(this.sampledPeakMb);
  }

  /** Returns the memory in use; 0 if the system does not say. */
  private async residentMb(): Promise<number> {
    const mb = megabytes('VmRSS', await readFile(`/proc/${this.child.pid}/status`, 'utf8').catch(() => ''));
    this.sampledPeakMb = Math.max(this.sampledPeakMb, mb);
    return mb;
  }
}

/** Reads a field of /proc/…/status. */
function megabytes(field: 'VmRSS' | 'VmHWM', status: string): number {
  return Number(new RegExp(`^${field}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) / 1024;
}
