/** What a tool says that we did not write: `redocly respect` holds the running service against openapi.yaml. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type ServedStack, type SynthesisedStack, serveStack, synthesiseStack } from './feeling-api.ts';
import { alterations, servedAltered } from './properties/broken-service.ts';
import { started } from './scripts.ts';

const redocly = fileURLToPath(new URL('bin/cli.js', import.meta.resolve('@redocly/cli/package.json')));
const workflows = fileURLToPath(new URL('second-opinion.arazzo.yaml', import.meta.url));

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

/** @returns the exit code, and all that it says */
async function respect(url: string): Promise<{ code: number | null; says: string }> {
  const environment = {
    ...process.env,
    REDOCLY_TELEMETRY: 'off',
    REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
    NO_COLOR: '1',
  };
  const script = started(
    spawn(process.execPath, [redocly, 'respect', workflows, '--server', `feeling=${url}`], { env: environment }),
  );
  return { code: await script.ended(), says: script.output() };
}

describe('redocly respect', () => {
  test('finds nothing wrong with the service', async (t) => {
    const { code, says } = await respect(api.url);
    assert.equal(code, 0, says);
    const [, passed = ''] = /Workflows: (\d+) passed, \1 total/.exec(says) ?? [];
    assert.equal(passed, '7', says);
    t.diagnostic(`evidence: workflows of redocly respect=${passed}`);
  });

  for (const [name, alteration] of alterations.filter(([name]) =>
    /undocumented|that there is not|media type/.test(name),
  )) {
    test(`finds out a service that has ${name}`, async () => {
      await using service = await servedAltered(api.url, alteration);
      const { code, says } = await respect(service.url);
      assert.equal(code, 1, says);
      assert.match(says, /Workflows: .*\d+ failed/);
    });
  }
});
