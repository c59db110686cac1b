/** What a tool says that we did not write: `redocly respect` holds the running service against openapi.yaml. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { projectRoot } from '../../infra/project-root.ts';
import { bareEnvironment, started } from '../../infra/scripts/running-script.ts';
import { type ServedStack, type SynthesisedStack, serveStack, synthesiseStack } from '../harness/feeling-api.ts';
import { isLongForm, longOnly } from '../harness/long-form.ts';
import { alterations, servedAltered } from './properties/broken-service.ts';

const redocly = fileURLToPath(new URL('bin/cli.js', import.meta.resolve('@redocly/cli/package.json')));
const workflows = join(projectRoot, 'tests/api/second-opinion.arazzo.yaml');

let stack: SynthesisedStack;
let api: ServedStack;
before(async () => {
  stack = await synthesiseStack();
  api = await serveStack(stack.directory);
});
after(async () => {
  await api[Symbol.asyncDispose]();
  await stack[Symbol.asyncDispose]();
});

/**
 * Runs it in a bare environment: with HTTP_PROXY it would ask the proxy, even for 127.0.0.1.
 * @returns the exit code, and all that it says
 */
async function respect(url: string): Promise<{ code: number | null; says: string }> {
  const env = {
    ...bareEnvironment(),
    REDOCLY_TELEMETRY: 'off',
    REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
    NO_COLOR: '1',
  };
  const script = started(
    spawn(process.execPath, [redocly, 'respect', workflows, '--server', `feeling=${url}`], { env }),
  );
  return { code: await script.ended(), says: script.output() };
}

/** What it is to find by itself, whatever the workflows ask: a service that is down fails no such check. */
const foundOut = new Map([
  ['an undocumented member', /✗ schema check\s+UNEVALUATEDPROPERTIES must NOT have unevaluated properties: "mood"/],
  ['a feeling that there is not', /✗ schema check\s+ENUM must be equal to one of the allowed values/],
  ['the wrong media type', /✗ content-type check\s+Content type text\/json for 200 response is not described/],
  ['an undocumented status', /✗ status code check\s/],
]);

describe('redocly respect', longOnly, () => {
  test('redocly respect finds nothing wrong with the service', async (t) => {
    const { code, says } = await respect(api.url);
    assert.equal(code, 0, says);
    const [, passed = ''] = /Workflows: (\d+) passed, \1 total/.exec(says) ?? [];
    assert.equal(passed, '9', says);
    t.diagnostic(`evidence: workflows of redocly respect=${passed}`);
  });

  // Each run takes seconds: one shows that redocly finds faults, the long form that it finds all of them.
  for (const [name, check] of isLongForm ? foundOut : [...foundOut].slice(0, 1)) {
    test(`redocly respect finds out a service that has ${name}`, async () => {
      const [, alteration] = alterations.find(([altered]) => altered === name) ?? [];
      assert(alteration, `no alteration is called "${name}"`);
      await using service = await servedAltered(api.url, alteration);
      const { code, says } = await respect(service.url);
      assert.equal(code, 1, says);
      assert.match(says, check);
    });
  }
});
