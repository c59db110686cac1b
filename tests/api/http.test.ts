/**
 * POST /feeling as a client sees it: on the stack served here, or on the deployed one of `npm run test:deployed`. The
 * tests run in one process, so that the last test knows every response that the others have seen.
 */
import './http/requests.ts';
import './http/gateway.ts';
import './http/failures.ts';
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { localOnly, needsToken } from '../harness/deployed.ts';
import { contract, post } from './http/api-under-test.ts';

describe('the contract', () => {
  for (const [name, example] of Object.entries(contract.requestExamples)) {
    test(`POST /feeling answers the example "${name}" with the example of the same name`, needsToken, async () => {
      const response = await post(JSON.stringify(example));
      assert(contract.seenExamples.has(`${response.status} application/json ${name}`), response.text);
    });
  }

  test('the contract documents no response and no example that these tests have not seen', localOnly, () => {
    for (const { answer, examples } of contract.documentedAnswers()) {
      assert(contract.seen.has(answer), `no test has seen the documented answer ${answer}`);
      for (const name of Object.keys(examples)) {
        assert(contract.seenExamples.has(`${answer} ${name}`), `no test has seen the example "${name}" of ${answer}`);
      }
    }
  });
});
