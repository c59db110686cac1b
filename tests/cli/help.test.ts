/** Every program of ours that an npm script runs says how it is used, in the same form. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { projectRoot } from '../../infra/project-root.ts';
import { runScript } from '../../infra/scripts/running-script.ts';

const packageFile = join(projectRoot, 'package.json');
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(await readFile(packageFile, 'utf8')));

/** The file and the flags of each script that is a program of ours, by the name of the script. */
const programs = new Map<string, string[]>();
for (const [name, command] of Object.entries(scripts)) {
  const [, words = ''] = /\bnode (?:--require \S+ )?(.*)$/.exec(command) ?? [];
  if (words && !words.startsWith('--test')) programs.set(name, words.split(' '));
}

test('these are the programs', () => {
  assert.deepEqual([...programs.keys()].sort(), [
    'bench',
    'build',
    'check',
    'dev',
    'generate',
    'invoke',
    'links',
    'prose',
    'sbom',
    'start',
    'test:long',
  ]);
});

for (const [name, [file = '', ...flags]] of programs) {
  describe(name === 'start' ? 'npm start' : `npm run ${name}`, () => {
    const usage = new RegExp(`^npm (run )?(--silent )?${name}( -- .*| \\[-- .*\\])?$`, 'm');

    test('--help says how it is used', async () => {
      for (const flag of ['--help', '-h']) {
        const script = runScript(file, [...flags, flag]);
        assert.equal(await script.ended(), 0);
        assert.equal(script.output(), script.stdout());
        const [head = '', what = '', ...more] = script.output().trimEnd().split('\n\n');
        assert.match(head, usage);
        assert.match(what, /^[A-Z].*\.$/ms);
        assert.match(more.join('\n\n'), /^ {2}-h, --help {2,}prints this$/m);
      }
    });

    test('a flag that it does not know is refused with how it is used', async () => {
      const script = runScript(file, [...flags, '--nope']);
      assert.equal(await script.ended(), 1);
      assert.match(script.output(), /^Unknown option '--nope'.*\n\n/);
      assert.match(script.output(), usage);
      assert.doesNotMatch(script.output(), /\n {4}at /);
      assert.equal(script.stdout(), '');
    });
  });
}
