import { z } from 'zod';
import { send } from '../http-client.ts';
import type { SynthesisRequest } from './synthesis-request.ts';

/** Names the address of the run's synthesis server, for the processes of its tests. */
export const serverVariable = 'TEST_SYNTHESIS_URL';

const faultShape = z.object({ name: z.string(), message: z.string() });

/**
 * Has the server of the test run synthesise a stack. A test file that runs by itself has no server, and synthesises in
 * its own process.
 * @throws {Error} with the name and the message of the error, when the stack cannot be synthesised
 */
export async function requestSynthesis(request: SynthesisRequest): Promise<void> {
  const url = process.env[serverVariable];
  if (!url) {
    const { synthesise } = await import('./synthesise.ts');
    return synthesise(request);
  }
  const body = JSON.stringify(request.stack === 'feeling' ? withNulls(request) : request);
  const headers = { 'content-length': Buffer.byteLength(body) };
  const { status, body: reply } = await send(url, { method: 'POST', headers, body });
  if (status === 200) return;
  const { name, message } = faultShape.parse(JSON.parse(reply));
  throw Object.assign(new Error(message), { name });
}

function withNulls(request: Extract<SynthesisRequest, { stack: 'feeling' }>): object {
  const context = Object.entries(request.context).map(([key, value]) => [key, value ?? null]);
  return { ...request, context: Object.fromEntries(context) };
}
