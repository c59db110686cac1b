import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesise } from '../../app.ts';
import { readContract } from '../../contract/contract-document.ts';
import { DocsServer } from '../docs/docs-server.ts';
import { LocalRuntime } from '../local-runtime.ts';
import { escapeControlJson } from '../reporter/escape-control.ts';
import { JsonReporter } from '../reporter/json-reporter.ts';
import type { Reporter } from '../reporter/reporter.ts';
import { startupSummary } from '../reporter/startup-summary.ts';
import { TextReporter } from '../reporter/text-reporter.ts';
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
  const output: Reporter = format === 'text' ? new TextReporter() : new JsonReporter();
  const { operations } = await readContract();

  let runtime: LocalRuntime | undefined;
  let docs: DocsServer | undefined;
  let follower: DevWatcher | undefined;
  shutDownGracefully(async (reason) => {
    output.stopping(reason);
    await follower?.stop();
    await docs?.stop();
    const unwritten = (await runtime?.stop()) ?? [];
    for (const record of unwritten) console.error(`Could not be written: ${escapeControlJson(record)}`);
    output.stopped();
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
      changed: (change) => output.changed(change),
      refused: (files, fault) => output.refused(files, fault),
    });
  }
  synthesise({ outdir: directory, context });

  runtime = await LocalRuntime.start(directory, {
    ...options,
    line: ({ name }, line, requestId) => output.line(name, line, requestId),
    access: (record) => output.request(record),
    late: (record) => output.late(record),
    invoked: (record) => output.invocation(record),
    failed: (failure) => output.eventFailed(failure),
    ended: (end) => output.eventEnded(end),
    unwritable: (path, error) =>
      console.error(`${path} cannot be written, its records are kept in memory: ${error.message}`),
  });
  docs = await DocsServer.start(runtime.url, docsPort);
  const facts = {
    docsUrl: docs.url,
    stage: context['stage'] ?? 'dev',
    follows: follow,
    maxEnvironments: options.maxEnvironments,
  };
  output.ready(await startupSummary(runtime, operations, facts), performance.now());
  follower?.follow(runtime);
}
