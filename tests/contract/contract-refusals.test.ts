/** What the generator cannot take of openapi.yaml is refused with its line and what to do. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ContractError } from '../../infra/contract/contract-error.ts';
import { generatedFiles } from '../../infra/contract/generated-contract.ts';
import { projectRoot } from '../../infra/project-root.ts';
import { contractRefusals } from './contract-refusals.cases.ts';

const folder = await mkdtemp(join(tmpdir(), 'feeling-api-contract-'));
after(() => rm(folder, { recursive: true, force: true }));
const contract = await readFile(join(projectRoot, 'openapi.yaml'), 'utf8');

for (const { what, path = '/things', parameters, more, line, says } of contractRefusals) {
  test(`npm run generate refuses ${what}`, async () => {
    const get = ['    get:', '      operationId: get', '      responses: {}'];
    if (parameters) get.push(`      parameters: ${parameters}`);
    if (more) get.push(`    ${more}`);
    const text = contract.replace('\ncomponents:\n', () => `\n  ${path}:\n${get.join('\n')}\n\ncomponents:\n`);
    const file = join(folder, 'openapi.yaml');
    await writeFile(file, text);
    await assert.rejects(generatedFiles(file), (error) => {
      assert(error instanceof ContractError, String(error));
      assert.match(error.message, says);
      const [, number] = /^openapi\.yaml:(\d+):\d+: /.exec(error.message) ?? [];
      assert(
        text.split('\n')[Number(number) - 1]?.includes(line),
        `${error.message}\n${text.split('\n')[Number(number) - 1]}`,
      );
      return true;
    });
  });
}
