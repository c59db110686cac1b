import type { SynthesisRequest } from './synthesis-request.ts';

/**
 * Synthesises a stack in this process. It loads the CDK at the first call: that takes a second or two.
 * @throws {Error} as the CDK or the stack does
 */
export async function synthesise(request: SynthesisRequest): Promise<void> {
  if (request.stack === 'feeling') {
    const { synthesise } = await import('../../../infra/app.ts');
    synthesise({ outdir: request.directory, context: request.context });
  } else {
    const { synthesiseTestStack } = await import('./test-stack-app.ts');
    await synthesiseTestStack(request);
  }
}
