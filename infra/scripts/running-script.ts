import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { projectRoot } from '../project-root.ts';

/** A line of JSON. */
export type Told = Record<string, unknown>;

/** A script of package.json that is running. */
export interface Script {
  process: ChildProcess;
  /** Returns everything that it has written so far, to either stream. */
  output(): string;
  /** Returns everything that it has written so far to standard output. */
  stdout(): string;
  /** Waits until its output matches. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** Returns the events that it has printed so far as lines of JSON. */
  told(): Told[];
  /**
   * Waits until it has printed an event as a line of JSON.
   * @param event its name
   * @param matches whether it is the expected one @default any of that name
   */
  tells(event: string, matches?: (told: Told) => boolean): Promise<Told>;
  /** Waits for its end. @returns the exit code */
  ended(): Promise<number | null>;
}

/** Returns the variables that every program needs, without those that change what ours do. */
export function bareEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, NODE_COMPILE_CACHE } = process.env;
  return { PATH, HOME, TMPDIR, NODE_COMPILE_CACHE };
}

/**
 * Runs a script as `npm run` does, without npm.
 * @param env is added to a bare environment
 * @param project the folder of the sources @default that of these
 */
export function runScript(file: string, args: string[], env: NodeJS.ProcessEnv = {}, project = projectRoot): Script {
  const preload = ['--require', './infra/require-node-24.cjs'];
  return started(
    spawn(process.execPath, [...preload, file, ...args], { cwd: project, env: { ...bareEnvironment(), ...env } }),
  );
}

/** Collects the output of a process, and waits for its end. */
export function started(child: ChildProcess): Script {
  let output = '';
  let stdout = '';
  let rest = '';
  const told: Told[] = [];
  const closed = once(child, 'close');
  // Before the listener below, which announces more output.
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('{"time":')) told.push(JSON.parse(line));
  });
  /** Waits until something can be found in the output. */
  async function found<T>(find: () => T | null | undefined, what: string): Promise<T> {
    for (;;) {
      const thing = find();
      if (thing) return thing;
      const more = await Promise.race([once(child, 'says').then(() => true), closed.then(() => false)]);
      if (!more && !find()) throw new Error(`It ended without saying ${what}:\n${output}`);
    }
  }
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      child.emit('says');
    });
  }
  return {
    process: child,
    output: () => output,
    stdout: () => stdout,
    says: (pattern) => found(() => pattern.exec(output), String(pattern)),
    told: () => told,
    tells: (event, matches = () => true) =>
      found(() => told.find((one) => one['event'] === event && matches(one)), event),
    async ended() {
      await closed;
      return child.exitCode;
    },
  };
}
