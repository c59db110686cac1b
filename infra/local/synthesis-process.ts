/** The process of a synthesis: asked once, it loads contract and stack as they are now, answers, and ends. */
import { type EditFault, editFaultOf } from './edit-fault.ts';
import { type SynthesisAnswer, type SynthesisRequest, synthesisRequestShape } from './fresh-synthesis.ts';

process.once('message', async (message) => {
  const fault = await synthesise(synthesisRequestShape.parse(message)).catch(editFaultOf);
  const answer: SynthesisAnswer = fault ? { fault } : {};
  process.send?.(answer, () => process.disconnect());
});

async function synthesise({ directory, context, generate }: SynthesisRequest): Promise<EditFault | undefined> {
  if (generate) await (await import('../../shared/generated-contract.ts')).writeContract();
  // Not before: it loads what was generated.
  const app = await import('../app.ts');
  app.synthesise({ outdir: directory, context });
  return undefined;
}
