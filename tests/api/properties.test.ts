/**
 * What holds for every request, tried with generated requests. A failure prints its seed:
 * `SEED=… npm run test:run` repeats it. RUNS is the number of samples of each property.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { inspect } from 'node:util';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { Contract } from '../harness/contract.ts';
import { type ServedStack, type SynthesisedStack, serveStack, synthesiseStack } from '../harness/feeling-api.ts';
import { localClient } from '../harness/lambda-client.ts';
import { longOnly } from '../harness/long-form.ts';
import { type Alteration, alterations, servedAltered } from './properties/broken-service.ts';
import { checkProperties } from './properties/properties.ts';
import { directTrigger, httpTrigger } from './properties/trigger.ts';

const runs = Number(process.env['RUNS'] ?? 4);
const seed = process.env['SEED'] === undefined ? undefined : Number(process.env['SEED']);

const contract = await Contract.read('feeling');
let stack: SynthesisedStack;
let api: ServedStack;
let client: LambdaClient;

before(async () => {
  stack = await synthesiseStack();
  api = await serveStack(stack.directory);
  client = localClient(api.runtime.lambdaUrl);
});
after(async () => {
  client.destroy();
  await api[Symbol.asyncDispose]();
  await stack[Symbol.asyncDispose]();
});

describe('every request is answered as the contract and the rule say', () => {
  test('over HTTP', async (t) => {
    const { valid, broken } = await checkProperties(httpTrigger(api.url, contract), contract, { runs, seed });
    t.diagnostic(`evidence: valid requests generated, HTTP=${valid}`);
    t.diagnostic(`evidence: broken requests generated, HTTP=${broken}`);
  });

  test('by direct invocation', async (t) => {
    const trigger = directTrigger(client, 'feeling-direct-dev', contract);
    const { valid, broken } = await checkProperties(trigger, contract, { runs, seed });
    t.diagnostic(`evidence: valid requests generated, Invoke=${valid}`);
    t.diagnostic(`evidence: broken requests generated, Invoke=${broken}`);
  });
});

describe('the properties detect a broken service', longOnly, () => {
  async function check(alteration: Alteration): Promise<void> {
    await using service = await servedAltered(api.url, alteration);
    await checkProperties(httpTrigger(service.url, contract), contract, { runs: 12, seed: 1, shrink: false });
  }

  test('and one that is not broken is not', () => check((answer) => answer));

  for (const [name, alteration, complaint] of alterations) {
    test(name, async () => {
      await assert.rejects(check(alteration), ({ cause }: Error) => {
        assert.match(inspect(cause), complaint);
        return true;
      });
    });
  }
});
