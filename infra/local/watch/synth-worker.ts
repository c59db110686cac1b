/** The process of a synthesis: asked once, it loads contract and stack as they are now, answers, and ends. */
import { type BuildError, buildErrorOf } from './build-error.ts';
import { type SynthesisReply, type SynthesisRequest, synthesisRequestShape } from './synth-runner.ts';

process.once('message', async (message) => {
  const fault = await synthesise(synthesisRequestShape.parse(message)).catch(buildErrorOf);
  const answer: SynthesisReply = fault ? { fault } : {};
  process.send?.(answer, () => process.disconnect());
});

async function synthesise({ directory, context, generate }: SynthesisRequest): Promise<BuildError | undefined> {
  if (generate) await (await import('../../contract/generated-contract.ts')).writeContract();
  // Not before: it loads what was generated.
  const app = await import('../../app.ts');
  app.synthesise({ outdir: directory, context });
  return undefined;
}
