/** Starts the two servers that are compared. Both serve the same bundle. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, open, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { projectRoot } from '../infra/project-root.ts';

export interface RunningGateway extends AsyncDisposable {
  url: string;
  pid: number;
}

/** `npm start`, with the URL of its endpoint for Lambda, SQS and more. */
export interface RunningServer extends RunningGateway {
  lambdaUrl: string;
}

export type StartGateway = () => Promise<RunningGateway>;

const outputFile = 'output.txt';
const readyCheckMs = 20;

/**
 * Starts the program of `npm start`, with the highest throttle.
 * @param environment variables for it
 */
export async function startOurs(environment: NodeJS.ProcessEnv = {}): Promise<RunningServer> {
  const directory = await mkdtemp(join(tmpdir(), 'feeling-bench-'));
  await using output = await open(join(directory, outputFile), 'a');
  const args = ['--require', './infra/require-node-24.cjs', 'infra/local/cli/serve.ts'];
  const child = spawn(process.execPath, [...args, '-c', 'throttleRate=10000', '-c', 'throttleBurst=5000'], {
    cwd: projectRoot,
    env: { ...process.env, PORT: '0', LAMBDA_PORT: '0', DOCS_PORT: '0', QUEUE_DIRECTORY: directory, ...environment },
    stdio: ['ignore', output.fd, output.fd],
  });
  const ready = /"event":"ready","url":"([^"]+)","lambdaUrl":"([^"]+)".*\n/;
  const [, url = '', lambdaUrl = ''] = await said(child, directory, ready);
  return Object.assign(running(child, `${url}/feeling`, directory), { lambdaUrl });
}

/** Starts serverless-offline with the maintained fork of the Serverless Framework, which needs no account. */
export async function startServerlessOffline(bundle: string): Promise<RunningGateway> {
  const directory = await mkdtemp(join(tmpdir(), 'feeling-bench-'));
  await using output = await open(join(directory, outputFile), 'a');
  const [httpPort, lambdaPort] = await Promise.all([freePort(), freePort()]);
  const service = {
    service: 'feeling',
    frameworkVersion: '*',
    provider: { name: 'aws', runtime: 'nodejs24.x' },
    plugins: ['serverless-offline'],
    custom: { 'serverless-offline': { httpPort, lambdaPort, host: '127.0.0.1' } },
    functions: { feeling: { handler: 'index.handler', events: [{ httpApi: { method: 'POST', path: '/feeling' } }] } },
  };
  await mkdir(join(directory, 'home'));
  await Promise.all([
    writeFile(join(directory, 'serverless.json'), JSON.stringify(service)),
    writeFile(join(directory, 'package.json'), '{"type":"module"}'),
    cp(bundle, join(directory, 'index.mjs')),
    // The framework looks for its plugins here.
    symlink(join(projectRoot, 'bench/node_modules'), join(directory, 'node_modules'), 'junction'),
  ]);
  const program = join(projectRoot, 'bench/node_modules/serverless/bin/serverless.js');
  const child = spawn(process.execPath, [program, 'offline', 'start'], {
    cwd: directory,
    env: { ...process.env, HOME: join(directory, 'home'), SLS_TELEMETRY_DISABLED: '1', SLS_NOTIFICATIONS_MODE: 'off' },
    stdio: ['ignore', output.fd, output.fd],
  });
  await said(child, directory, /Server ready:/);
  return running(child, `http://127.0.0.1:${httpPort}/feeling`, directory);
}

/**
 * Waits until the output matches. Both servers write to a file, as under a process manager: reading a pipe would take
 * time from the load generator.
 */
async function said(child: ChildProcess, directory: string, pattern: RegExp): Promise<RegExpExecArray> {
  for (;;) {
    const text = await readFile(join(directory, outputFile), 'utf8');
    const found = pattern.exec(text);
    if (found) return found;
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`The server ended before it was ready:\n${text}`);
    await setTimeout(readyCheckMs);
  }
}

function running(child: ChildProcess, url: string, directory: string): RunningGateway {
  const { pid } = child;
  if (pid === undefined) throw new Error('The server was not started.');
  return {
    url,
    pid,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        const closed = once(child, 'close');
        child.kill('SIGTERM');
        // An overloaded serverless-offline ignores SIGTERM.
        const force = AbortSignal.timeout(5000);
        force.addEventListener('abort', () => child.kill('SIGKILL'));
        await closed;
      }
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No port is free.');
  return address.port;
}
