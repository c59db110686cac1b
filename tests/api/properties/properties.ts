/** What holds for every request, through whichever door. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Contract } from '../../harness/contract.ts';
import { oracleOf, requestSchema } from './oracle.ts';
import { brokenTexts, validTexts } from './requests.ts';
import type { Trigger } from './trigger.ts';

export interface Effort {
  /** How many samples of each property. */
  runs: number;
  /** Repeats the samples of an earlier run. @default another each time */
  seed?: number | undefined;
  /** Whether a failing sample is made smaller. @default true */
  shrink?: boolean;
}

/** How much was tried. */
export interface Tried {
  valid: number;
  broken: number;
}

/**
 * Sends what fast-check makes, several at once, and compares what comes back with what the oracle says.
 * @throws {Error} with the seed and the smallest sample that was found, where something else comes back.
 */
export async function checkProperties(
  trigger: Trigger,
  contract: Contract,
  { runs, seed, shrink = true }: Effort,
): Promise<Tried> {
  const oracle = oracleOf(contract, trigger.measuresFirst);
  const schema = requestSchema(contract.document);
  const tried = { valid: 0, broken: 0 };
  const options = { numRuns: runs, endOnFailure: !shrink, ...(seed !== undefined && { seed }) };

  const right = async (body: string | Buffer) =>
    assert.deepEqual(await trigger.send(body), oracle(body.length > 0 ? body : trigger.empty));
  const several = { minLength: 1, maxLength: 4 };

  await fc.assert(
    fc.asyncProperty(fc.array(validTexts(schema), several), async (bodies) => {
      // The generator is held to its word, too.
      for (const body of bodies) assert.equal(oracle(body).kind, 'answer', 'what was made is not valid');
      // At once, so that an answer can go astray.
      await all(bodies.map(right));
      tried.valid += bodies.length;
    }),
    options,
  );
  await fc.assert(
    fc.asyncProperty(fc.array(brokenTexts(schema), several), async (bodies) => {
      await all(bodies.map(right));
      tried.broken += bodies.length;
    }),
    options,
  );
  return tried;
}

/** Waits for all of them to settle, so that a failure leaves nothing running. */
async function all(promises: Promise<void>[]): Promise<void> {
  for (const settled of await Promise.allSettled(promises)) {
    if (settled.status === 'rejected') throw settled.reason;
  }
}
