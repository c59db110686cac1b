import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesise } from '../../app.ts';
import { readContract } from '../../contract/contract-document.ts';
import { DocsServer } from '../docs/docs-server.ts';
import { LocalRuntime } from '../local-runtime.ts';
import { escapeControlJson } from '../reporter/escape-control.ts';
import { jsonReporter } from '../reporter/json-reporter.ts';
import { startupSummary } from '../reporter/startup-summary.ts';
import { textReporter } from '../reporter/text-reporter.ts';
import type { DevWatcher } from '../watch/dev-watcher.ts';
import { shutDownGracefully } from './graceful-shutdown.ts';
import type { ServeOptions } from './serve-options.ts';

/**
 * Synthesises the stack and serves it, until the process is told to stop.
 * @throws {Error} when it cannot be synthesised or served; `explanation` says what to do.
 */
export async function serveStack({
  context,
  follow,
  output: format,
  docsPort,
  ...options
}: ServeOptions): Promise<void> {
  const report = format === 'text' ? textReporter() : jsonReporter();
  const { operations } = await readContract();

  let runtime: LocalRuntime | undefined;
  let docs: DocsServer | undefined;
  let follower: DevWatcher | undefined;
  shutDownGracefully(async (reason) => {
    report({ event: 'stopping', reason });
    await follower?.stop();
    await docs?.stop();
    const unwritten = (await runtime?.stop()) ?? [];
    for (const record of unwritten) console.error(`Could not be written: ${escapeControlJson(record)}`);
    report({ event: 'stopped' });
    process.exit(unwritten.length > 0 ? 1 : 0);
  });
  const directory = await mkdtemp(join(tmpdir(), 'cloud-assembly-'));
  process.on('exit', () => {
    follower?.kill();
    runtime?.kill();
    rmSync(directory, { recursive: true, force: true });
  });
  if (follow) {
    // Not loaded by those who only serve: it takes its time.
    const { DevWatcher } = await import('../watch/dev-watcher.ts');
    follower = await DevWatcher.start({
      directory,
      context,
      report,
    });
  }
  synthesise({ outdir: directory, context });

  runtime = await LocalRuntime.start(directory, { ...options, report });
  docs = await DocsServer.start(runtime.url, docsPort);
  const facts = {
    docsUrl: docs.url,
    stage: context['stage'] ?? 'dev',
    follows: follow,
    maxEnvironments: options.maxEnvironments,
  };
  report({ event: 'ready', ...(await startupSummary(runtime, operations, facts)), milliseconds: performance.now() });
  follower?.follow(runtime);
}
