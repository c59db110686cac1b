import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RequestReport } from '../../infra/local/http-api/http-record.ts';
import { LocalRuntime } from '../../infra/local/local-runtime.ts';
import { assemblyVariable } from './set-up.ts';
import { requestSynthesis } from './synthesis/request-synthesis.ts';
import { testConfiguration } from './test-configuration.ts';

export interface SynthesisedStack extends AsyncDisposable {
  directory: string;
}

/**
 * Synthesises the real stack in a temporary folder, which is removed on disposal. Without a context it copies the stack
 * that the run has synthesised, if this is part of a run.
 * @param context keys that differ from `testConfiguration`
 */
export async function synthesiseStack(context: Record<string, string> = {}): Promise<SynthesisedStack> {
  const directory = await mkdtemp(join(tmpdir(), 'feeling-api-test-'));
  const remove = () => rm(directory, { recursive: true, force: true });
  try {
    const made = process.env[assemblyVariable];
    if (made && Object.keys(context).length === 0) await cp(made, directory, { recursive: true });
    else await requestSynthesis({ stack: 'feeling', directory, context: { ...testConfiguration, ...context } });
  } catch (error) {
    await remove();
    throw error;
  }
  return { directory, [Symbol.asyncDispose]: remove };
}

export interface ServedStack extends AsyncDisposable {
  url: string;
  runtime: LocalRuntime;
  /** Every request that the gateway has answered. */
  access: RequestReport[];
  /** Every line that the functions have written. */
  log: string[];
  /** Emits each of these as `line`. */
  lines: EventEmitter;
}

/** Serves a synthesised stack on any free port. */
export async function serveStack(directory: string): Promise<ServedStack> {
  const access: RequestReport[] = [];
  const log: string[] = [];
  const lines = new EventEmitter();
  const runtime = await LocalRuntime.start(directory, {
    port: 0,
    maxEnvironments: 2,
    report: (event) => {
      if (event.event === 'request') access.push(event);
      if (event.event !== 'log') return;
      log.push(event.line);
      lines.emit('line', event.line);
    },
  });
  return {
    url: runtime.url,
    runtime,
    access,
    log,
    lines,
    [Symbol.asyncDispose]: async () => {
      assert.deepEqual(await runtime.stop(), []);
    },
  };
}
