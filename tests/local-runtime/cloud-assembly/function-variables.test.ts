/** Lambda does not deploy a function with such variables, so the local runtime does not start it. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readAssembly } from '../../../infra/local/cloud-assembly/read-assembly.ts';
import { synthesise } from '../../harness/test-stack.ts';

const cases: [what: string, variables: Record<string, string>, message: RegExp][] = [
  [
    'more than 4 KB',
    { SHORT: 'x', LONG: 'x'.repeat(4090) },
    /4\d{3} bytes as JSON.*4096 \(4 KB\)\. Longest: LONG \(4090\), SHORT \(1\)/,
  ],
  ['more than 4 KB in UTF-8', { LONG: 'é'.repeat(2045) }, /Longest: LONG \(4090\)/],
  ['a reserved name', { AWS_LAMBDA_RUNTIME_API: 'x' }, /is reserved by Lambda.*\n.*AWS_LAMBDA_RUNTIME_API/],
  ['a name that starts with a digit', { '1A': 'x' }, /is not a name that Lambda accepts.*\n.*1A/],
  ['a name of one letter', { A: 'x' }, /is not a name that Lambda accepts/],
];

/** Synthesises a function with these variables, past the checks of the CDK. */
async function withVariables(variables: Record<string, string>) {
  const assembly = await synthesise({ echo: { code: (event) => event, options: { environment: { MARK: 'x' } } } });
  const file = join(assembly.directory, 'Test.template.json');
  const template = await readFile(file, 'utf8');
  const changed = template.replace(/"MARK": "x"/, JSON.stringify(variables).slice(1, -1));
  assert.notEqual(changed, template);
  await writeFile(file, changed);
  return assembly;
}

for (const [what, variables, message] of cases) {
  /** @aws 8.4: Reserved names and more than 4 KB of variables cannot be deployed. */
  test(`variables of a function with ${what} are rejected by name`, async () => {
    await using assembly = await withVariables(variables);
    await assert.rejects(readAssembly(assembly.directory), { name: 'UnsupportedResourceError', message });
  });
}

test('variables of just 4 KB are accepted', async () => {
  await using assembly = await withVariables({ LONG: 'x'.repeat(4096 - '{"LONG":""}'.length) });
  const [fn] = (await readAssembly(assembly.directory)).functions;
  assert.equal(fn?.environment['LONG']?.length, 4085);
});
