/** `npm run release`, in a copy of the project. */
import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { projectRoot } from '../../infra/project-root.ts';
import { runScript } from '../../infra/scripts/running-script.ts';
import { longOnly } from '../harness/long-form.ts';

const sources = ['functions', 'infra', 'shared', 'openapi.yaml', 'package.json', 'package-lock.json', 'tsconfig.json'];
const documents = ['CHANGELOG.md', 'LICENSE'];

describe('npm run release', longOnly, () => {
  let copy: string;
  before(async () => {
    copy = await mkdtemp(join(tmpdir(), 'feeling-api-copy-'));
    for (const name of [...sources, ...documents]) {
      await cp(join(projectRoot, name), join(copy, name), { recursive: true });
    }
    await symlink(join(projectRoot, 'node_modules'), join(copy, 'node_modules'), 'junction');
  });
  after(() => rm(copy, { recursive: true, force: true }));

  const read = (file: string) => readFile(join(copy, file), 'utf8');
  const edit = async (file: string, change: (text: string) => string) => {
    const before = await read(file);
    assert.notEqual(change(before), before);
    await writeFile(join(copy, file), change(before));
  };
  async function release(bump: string) {
    const script = runScript('infra/scripts/release.ts', [bump], {}, copy);
    return { exitCode: await script.ended(), output: script.output() };
  }
  const kept = 'infra/contract/released/openapi.yaml';

  test('refuses a bump that is too small, with what breaks, and a changelog without news', async () => {
    await edit('openapi.yaml', (text) => text.replace('required: [feeling, message]', 'required: [feeling]'));
    const before = await read('CHANGELOG.md');
    const minor = await release('minor');
    assert.equal(minor.exitCode, 1);
    assert.match(
      minor.output,
      /^The changes of openapi\.yaml ask for npm run release -- major\nopenapi\.yaml:\d+:\d+: /,
    );

    await writeFile(join(copy, 'CHANGELOG.md'), before.replace(/^## Unreleased\n.*?(?=^## )/ms, '## Unreleased\n\n'));
    const silent = await release('major');
    assert.equal(silent.exitCode, 1);
    assert.match(silent.output, /^CHANGELOG\.md cannot be released\. Write what changed below "## Unreleased"/);
    assert.match(await read('openapi.yaml'), /^ {2}version: 1\.0\.0$/m, 'nothing was written');
    await writeFile(join(copy, 'CHANGELOG.md'), before);
  });

  test('gives everything the next version, and keeps the contract', async () => {
    const { exitCode, output } = await release('major');
    assert.equal(exitCode, 0, output);
    assert.match(output, /^Released 2\.0\.0\. /);
    assert.match(await read('CHANGELOG.md'), /^## Unreleased\n\n## 2\.0\.0\n\n- /m);
    assert.equal(JSON.parse(await read('package.json')).version, '2.0.0');
    const lock = JSON.parse(await read('package-lock.json'));
    assert.deepEqual([lock.version, lock.packages[''].version], ['2.0.0', '2.0.0']);
    assert.match(await read('openapi.yaml'), /^ {2}version: 2\.0\.0$/m);
    assert.equal(await read(kept), await read('openapi.yaml'));
    assert.equal(await read('infra/contract/released/client.d.ts'), await read('dist/client.d.ts'));

    const compat = runScript('infra/scripts/compat.ts', [], {}, copy);
    assert.equal(await compat.ended(), 0, compat.output());
    assert.match(compat.output(), /breaks no client of 2\.0\.0\. Its changes ask for a bump: none\./);
  });
});
