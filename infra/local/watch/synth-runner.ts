import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { z } from 'zod';
import { projectRoot } from '../../project-root.ts';
import { buildErrorShape, EditError } from './build-error.ts';

/** What the process of a synthesis is asked. */
export const synthesisRequestShape = z.object({
  /** Where to write the cloud assembly. */
  directory: z.string(),
  /** The CDK's. */
  context: z.record(z.string(), z.string()),
  /** Whether to generate shared/contract.gen.ts first. */
  generate: z.boolean(),
});
export type SynthesisRequest = z.infer<typeof synthesisRequestShape>;

/** What it replies: nothing, or what is wrong. */
export const synthesisReplyShape = z.object({ error: buildErrorShape.optional() });
export type SynthesisReply = z.infer<typeof synthesisReplyShape>;

const program = join(projectRoot, 'infra/local/watch/synth-worker.ts');
const preload = join(projectRoot, 'infra/require-node-24.cjs');
/** How much of what the process prints is kept for its error message, in characters. */
const keptOutput = 10_000;

/**
 * Synthesises the stack, in a process that ends. That frees the memory of the CDK, and it loads the sources as they
 * are now: a process loads a module once only.
 */
export class SynthRunner implements Disposable {
  private readonly patienceMs: number;
  private child: ChildProcess | undefined;
  private killed = false;

  /** @param patienceMs how long a synthesis may take. @default a minute */
  constructor(patienceMs = 60_000) {
    this.patienceMs = patienceMs;
  }

  /** @throws {EditError} when the sources cannot be synthesised. */
  async run(request: SynthesisRequest): Promise<void> {
    if (this.killed) throw new EditError({ message: 'The synthesis was stopped.' });
    const child = fork(program, { execArgv: ['--require', preload], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.child = child;
    let printed = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      printed = (printed + text).slice(-keptOutput);
    });
    const replies: SynthesisReply[] = [];
    child.on('message', (message) => replies.push(synthesisReplyShape.parse(message)));
    let isGivenUp = false;
    const timer = setTimeout(() => {
      isGivenUp = child.kill('SIGKILL');
    }, this.patienceMs);
    try {
      const closed = once(child, 'close');
      // For lack of file descriptors or processes there is no process: an `error` event follows.
      if (child.pid !== undefined) child.send(request, () => {});
      await closed;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new EditError({
        message: `No process can be started for the synthesis (${reason}). See ulimit -n and -u.`,
      });
    } finally {
      clearTimeout(timer);
    }
    const [reply] = replies;
    if (!reply) {
      const end = isGivenUp ? `did not end within ${this.patienceMs / 1000} s` : 'ended without a result';
      throw new EditError({ message: `The synthesis ${end}. ${printed}`.trim() });
    }
    if (reply.error) throw new EditError(reply.error);
  }

  /** Ends a synthesis at once. There is none after that. */
  kill(): void {
    this.killed = true;
    this.child?.kill('SIGKILL');
  }

  [Symbol.dispose](): void {
    this.kill();
  }
}
