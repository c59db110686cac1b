/**
 * The asynchronous events under everything that can happen to them, in any order: fast-check chooses. A failure prints
 * its seed, which `SEED=…` repeats. SIMULATIONS is the number of runs.
 */
import { test } from 'node:test';
import fc from 'fast-check';
import { type Outcome, SimulatedQueue } from './simulated-queue.ts';

const numRuns = Number(process.env['SIMULATIONS'] ?? 300);
const seed = process.env['SEED'] === undefined ? undefined : Number(process.env['SEED']);

type Step = (queue: SimulatedQueue) => Promise<void>;

/** A step, and the text that a failure prints. */
const step = (name: string, run: Step) => Object.assign(run, { [fc.toStringMethod]: () => name });

const steps = fc.oneof(
  { weight: 6, arbitrary: fc.boolean().map((awaits) => step(`accept(${awaits})`, (queue) => queue.accept(awaits))) },
  {
    weight: 8,
    arbitrary: fc
      .constantFrom<Outcome>('success', 'failure', 'failure', 'throttled')
      .map((outcome) => step(`settle(${outcome})`, (queue) => queue.settle(outcome))),
  },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom(500, 60_000, 120_000, 3600_000)
      .map((milliseconds) => step(`advance(${milliseconds})`, (queue) => queue.advance(milliseconds))),
  },
  { weight: 4, arbitrary: fc.constant(step('commit', (queue) => queue.commit())) },
  { weight: 3, arbitrary: fc.constant(step('write', (queue) => queue.write())) },
  { weight: 1, arbitrary: fc.constant(step('stopAndStart', (queue) => queue.stopAndStart())) },
  {
    weight: 2,
    arbitrary: fc
      .boolean()
      .map((isWritten) => step(`crashAndStart(${isWritten})`, (queue) => queue.crashAndStart(isWritten))),
  },
);

test('no accepted event is lost and none is recorded twice, whatever happens in whatever order', async (t) => {
  const property = fc.asyncProperty(fc.nat(2), fc.array(steps, { maxLength: 40 }), async (retries, sequence) => {
    await using queue = await SimulatedQueue.start(retries);
    for (const run of sequence) await run(queue);
    await queue.assertNoneLost();
  });
  await fc.assert(property, { numRuns, ...(seed !== undefined && { seed }) });
  t.diagnostic(`evidence: simulations of the event queue=${numRuns}`);
});
