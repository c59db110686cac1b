import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { projectRoot } from '../../infra/project-root.ts';
import { bareEnvironment } from '../../infra/scripts/running-script.ts';
import { serveEnvironment } from '../harness/test-configuration.ts';
import { socketsAndPipesOf } from './process-facts.ts';

const addresses = z.object({ url: z.string(), lambdaUrl: z.string() });
/** As much as can be let through: what is refused is to be refused for want of room. */
const widestThrottle = ['-c', 'throttleRate=10000', '-c', 'throttleBurst=5000'];

/** `npm start`, in a process of its own. */
export interface StartedApi extends AsyncDisposable {
  url: string;
  lambdaUrl: string;
  process: ChildProcess;
  pid: number;
  /** How many it had open before the first request; NaN where the system does not tell. */
  socketsAndPipes: number;
  /** For its temporary files, and for whatever the test has. */
  folder: string;
  /** Where its queues are. */
  queues: string;
  /** Emits every line that it prints. They are not kept: under load there are millions. */
  lines: EventEmitter<{ line: [string] }>;
  /** The next line that matches. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** How much of its heap is in use once the garbage is collected. */
  heapMb(): Promise<number>;
  /** Waits for its end. @returns the exit code */
  ended(): Promise<number | null>;
}

/** Starts it on any free ports, with few environments. */
export async function startApi(args: string[] = [], more: NodeJS.ProcessEnv = {}): Promise<StartedApi> {
  const folder = await mkdtemp(join(tmpdir(), 'feeling-api-test-'));
  const queues = join(folder, 'queues');
  const preload = ['--require', './infra/require-node-24.cjs', '--import', './tests/load/heap-on-signal.ts'];
  const child = spawn(process.execPath, [...preload, 'infra/local/cli/serve.ts', ...widestThrottle, ...args], {
    cwd: projectRoot,
    env: {
      ...bareEnvironment(),
      ...serveEnvironment(folder),
      MAX_ENVIRONMENTS: '2',
      ...more,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  const lines = new EventEmitter<{ line: [string] }>();
  lines.setMaxListeners(0);
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => lines.emit('line', line));
  }

  function says(pattern: RegExp): Promise<RegExpExecArray> {
    const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
    const onLine = (line: string) => {
      const found = pattern.exec(line);
      if (found) resolve(found);
    };
    lines.on('line', onLine);
    closed.then(() => reject(new Error(`It ended without saying ${pattern}.`)));
    return promise.finally(() => lines.off('line', onLine));
  }

  const [ready] = await says(/^\{"time":"[^"]+","event":"ready",.*$/);
  const { url, lambdaUrl } = addresses.parse(JSON.parse(ready));
  const pid = child.pid ?? Number.NaN;
  return {
    url,
    lambdaUrl,
    process: child,
    pid,
    socketsAndPipes: await socketsAndPipesOf(pid).catch(() => Number.NaN),
    folder,
    queues,
    lines,
    says,
    async heapMb() {
      const said = says(/^Bytes in use: (\d+)$/);
      child.kill('SIGUSR2');
      return Number((await said)[1]) / 2 ** 20;
    },
    async ended() {
      await closed;
      return child.exitCode;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await closed;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
