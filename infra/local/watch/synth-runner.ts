import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { z } from 'zod';
import { projectRoot } from '../../project-root.ts';
import { buildErrorShape, EditError } from './build-error.ts';

/** What a process for one synthesis is asked. */
export const synthesisRequestShape = z.object({
  /** Where the cloud assembly is to be. */
  directory: z.string(),
  /** Of the CDK. */
  context: z.record(z.string(), z.string()),
  /** Whether shared/contract.gen.ts is to be generated first. */
  generate: z.boolean(),
});
export type SynthesisRequest = z.infer<typeof synthesisRequestShape>;

/** What it answers: nothing, or what is wrong. */
export const synthesisReplyShape = z.object({ fault: buildErrorShape.optional() });
export type SynthesisReply = z.infer<typeof synthesisReplyShape>;

const program = join(projectRoot, 'infra/local/watch/synth-worker.ts');

/** Synthesises the stack as it is now. This process has loaded it once, and could only do so as it was then. */
export class SynthRunner {
  private readonly patienceMs: number;
  private child: ChildProcess | undefined;
  private killed = false;

  /**
   * @param patienceMs a stack that is not made by then will not be: what comes after it must not wait for ever
   * @default a minute
   */
  constructor(patienceMs = 60_000) {
    this.patienceMs = patienceMs;
  }

  /** @throws {EditError} when the sources cannot be synthesised. */
  async run(request: SynthesisRequest): Promise<void> {
    if (this.killed) throw new EditError({ message: 'No more is synthesised.' });
    const child = fork(program, { execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.child = child;
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const answers: SynthesisReply[] = [];
    child.on('message', (message) => answers.push(synthesisReplyShape.parse(message)));
    const closed = once(child, 'close');
    let isGivenUp = false;
    const timer = setTimeout(() => {
      isGivenUp = child.kill('SIGKILL');
    }, this.patienceMs);
    child.send(request);
    await closed;
    clearTimeout(timer);
    const [answer] = answers;
    if (!answer) {
      const end = isGivenUp ? `was given up after ${this.patienceMs / 1000} s` : 'ended without an answer';
      throw new EditError({ message: `The synthesis ${end}. ${said}`.trim() });
    }
    if (answer.fault) throw new EditError(answer.fault);
  }

  /** Ends what is under way, and begins no more. */
  kill(): void {
    this.killed = true;
    this.child?.kill('SIGKILL');
  }
}
