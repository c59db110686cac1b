import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** A script of package.json that was started. */
export interface Script {
  process: ChildProcess;
  /** All that it has written so far, to either stream. */
  output(): string;
  /** Waits until it has written what matches. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** Waits for its end. @returns the exit code */
  ended(): Promise<number | null>;
}

/**
 * Runs a script as `npm run` does, but for npm itself.
 * @param env what is added to a bare environment
 */
export function runScript(file: string, args: string[], env: NodeJS.ProcessEnv = {}): Script {
  const preload = ['--require', './infra/require-node-24.cjs'];
  const { PATH, HOME, TMPDIR } = process.env;
  return started(
    spawn(process.execPath, [...preload, file, ...args], { cwd: root, env: { PATH, HOME, TMPDIR, ...env } }),
  );
}

/** Follows what a process writes, and its end. */
export function started(child: ChildProcess): Script {
  let output = '';
  const closed = once(child, 'close');
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      child.emit('says');
    });
  }
  return {
    process: child,
    output: () => output,
    async says(pattern) {
      for (;;) {
        const found = pattern.exec(output);
        if (found) return found;
        const more = await Promise.race([once(child, 'says').then(() => true), closed.then(() => false)]);
        if (!more && !pattern.test(output)) throw new Error(`It ended without saying ${pattern}:\n${output}`);
      }
    },
    async ended() {
      await closed;
      return child.exitCode;
    },
  };
}
