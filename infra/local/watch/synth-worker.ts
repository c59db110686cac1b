/** The process of one synthesis: loads contract and stack as they are now, replies, and ends. */
import { buildErrorOf } from './build-error.ts';
import { type SynthesisReply, type SynthesisRequest, synthesisRequestShape } from './synth-runner.ts';

process.once('message', async (message) => {
  const reply: SynthesisReply = await synthesise(synthesisRequestShape.parse(message)).then(
    () => ({}),
    (error: unknown) => ({ error: buildErrorOf(error) }),
  );
  process.send?.(reply, () => process.disconnect());
});

async function synthesise({ directory, context, generate }: SynthesisRequest): Promise<void> {
  if (generate) await (await import('../../contract/generated-contract.ts')).writeContract();
  // Not before: it loads what was generated.
  const app = await import('../../app.ts');
  app.synthesise({ outdir: directory, context });
}
