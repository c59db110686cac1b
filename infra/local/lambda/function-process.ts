import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { projectRoot } from '../../project-root.ts';
import type { FunctionModel } from '../cloud-assembly/stack-model.ts';
import { LineSplitter } from './line-splitter.ts';
import { PipeChannel } from './runtime-client/pipe-channel.ts';
import type { RuntimeClientCalls } from './runtime-client/runtime-api.ts';

export interface FunctionProcessObserver {
  /** It wrote a line. */
  line(line: string): void;
  /** It holds more memory than the function may. */
  outOfMemory(): void;
  /** It has ended, or is about to: there is nothing more to be asked of it. */
  ending(): void;
  /** It has ended, and all that it wrote has been given. */
  ended(code: number | null, signal: NodeJS.Signals | null): void;
  /** It could not be started. */
  notStarted(error: Error): void;
}

const memoryCheckMs = 100;
/** How long the output of a process may outlast it. */
const outputGraceMs = 500;

const runtimeClient = fileURLToPath(import.meta.resolve('aws-lambda-ric'));
const nativeClient = join(projectRoot, 'infra/local/lambda/runtime-client/rapid-client.cjs');

/** A process in which AWS's runtime client runs a function. */
export class FunctionProcess {
  /** How the native module of its runtime client speaks with us; absent where there is no process. */
  readonly channel: PipeChannel | undefined;
  private readonly child: ChildProcess;
  private readonly logs: LineSplitter[] = [];
  private sampledPeakMb = 0;

  constructor(
    fn: FunctionModel,
    env: NodeJS.ProcessEnv,
    { calls, observer }: { calls: RuntimeClientCalls; observer: FunctionProcessObserver },
  ) {
    // As /var/runtime/bootstrap does: a tenth of the memory for young objects, the rest for old ones.
    const young = Math.floor(fn.memoryMb / 10);
    const flags = [`--max-semi-space-size=${Math.floor(young / 2)}`, `--max-old-space-size=${fn.memoryMb - young}`];
    const child = spawn(process.execPath, [...flags, '--require', nativeClient, runtimeClient, fn.handler], {
      cwd: fn.directory,
      env,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      // A process group of its own: Ctrl-C reaches us only, and what the function starts ends with it.
      detached: process.platform !== 'win32',
    });
    this.child = child;

    child.on('error', (error) => {
      if (child.pid === undefined) observer.notStarted(error);
    });
    const { stdout, stderr, stdio } = child;
    const [, , , channel] = stdio;
    // Where there is no process, as for want of file descriptors, an error is on its way.
    if (child.pid === undefined || !stdout || !stderr || !(channel instanceof Duplex)) return;

    this.channel = new PipeChannel(channel, calls);
    this.logs = [stdout, stderr].map((output) => new LineSplitter(output, observer.line));
    const memoryTimer = setInterval(async () => {
      if ((await this.residentMb()) > fn.memoryMb) observer.outOfMemory();
    }, memoryCheckMs).unref();
    child.on('exit', () => {
      observer.ending();
      this.kill();
      // What it has started may be out of reach, and keep its output open: that is not waited for.
      setTimeout(() => {
        for (const stream of [stdout, stderr, channel]) stream.destroy();
      }, outputGraceMs).unref();
    });
    child.on('close', (code, signal) => {
      clearInterval(memoryTimer);
      observer.ended(code, signal);
    });
  }

  /** Gives what it has written since the last end of a line, as a line. */
  endLine(): void {
    for (const log of this.logs) log.endLine();
  }

  /** Kills it and all that it started, without waiting for its end. */
  kill(): void {
    const { pid } = this.child;
    if (pid === undefined) return;
    try {
      process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }

  /** The most memory that it has held, as far as is known; 0 where the system does not tell. */
  peakMb(): number {
    try {
      const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
      this.sampledPeakMb = Math.max(this.sampledPeakMb, megabytes('VmHWM', status));
    } catch {
      // It is gone, or the system has no /proc.
    }
    return Math.ceil(this.sampledPeakMb);
  }

  /** The memory that it holds; 0 where the system does not tell. */
  private async residentMb(): Promise<number> {
    const mb = megabytes('VmRSS', await readFile(`/proc/${this.child.pid}/status`, 'utf8').catch(() => ''));
    this.sampledPeakMb = Math.max(this.sampledPeakMb, mb);
    return mb;
  }
}

/** @param status what Linux tells of a process in /proc/…/status */
function megabytes(field: 'VmRSS' | 'VmHWM', status: string): number {
  return Number(new RegExp(`^${field}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) / 1024;
}
