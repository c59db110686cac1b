/** Every program that an npm script runs prints its usage, in the same form. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { projectRoot } from '../../infra/project-root.ts';
import { runScript, type Script } from '../../infra/scripts/running-script.ts';
import { isLongForm } from '../harness/long-form.ts';

const packageFile = join(projectRoot, 'package.json');
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(await readFile(packageFile, 'utf8')));

/** The file and the flags of each script that is a program of ours, by the name of the script. */
const programs = new Map<string, string[]>();
for (const [name, command] of Object.entries(scripts)) {
  const [, words = ''] = /\bnode (?:--require \S+ )?(.*)$/.exec(command) ?? [];
  // Options of deploy, diff and destroy go on to the CDK: tests/stack/cdk.test.ts is about these.
  if (words && !/^(--(test|run)|node_modules)/.test(words) && !words.includes('scripts/cdk.ts'))
    programs.set(name, words.split(' '));
}

test('npm scripts run these programs', () => {
  assert.deepEqual([...programs.keys()].sort(), [
    'bench',
    'build',
    'check',
    'compat',
    'dev',
    'fidelity',
    'generate',
    'invoke',
    'links',
    'pack:client',
    'prose',
    'release',
    'sbom',
    'send',
    'start',
    'test:long',
    'test:mutants',
    'trace',
  ]);
});

/** Each is a process: every program reads `--help`, the long form tries the short name too. */
const helpFlags = isLongForm ? ['--help', '-h'] : ['--help'];

/** Words of the help of a program, beyond the form that all of them share. */
const helpWords: Record<string, string[]> = {
  start: [
    'stage=dev',
    'memoryMb=',
    'PORT=3000',
    'AWS_PORT=3001',
    'DOCS_PORT=3002',
    'RETRY_SECONDS=60',
    'ANY_REGION=0',
    'QUEUE_DIRECTORY',
  ],
};

for (const [name, [file = '', ...flags]] of programs) {
  const command = name === 'start' ? 'npm start' : `npm run ${name}`;
  const usage = new RegExp(`^npm (run )?(--silent )?${name}( -- .*| \\[-- .*\\])?$`, 'm');

  for (const flag of helpFlags) {
    test(`${command} ${flag} prints its usage`, async () => {
      const script = runScript(file, [...flags, flag]);
      assert.equal(await script.ended(), 0);
      assertUsage(script, usage);
      for (const word of helpWords[name] ?? []) assert(script.stdout().includes(word), word);
    });
  }

  test(`${command} refuses an unknown flag in one line, which says how to get its usage`, async () => {
    const script = runScript(file, [...flags, '--nope']);
    assert.equal(await script.ended(), 1);
    // npm run dev is a flag of npm start, and is known as such to npm only.
    const help = `Help: ${name === 'dev' ? 'npm start' : command} -- --help`;
    assert.equal(script.output(), `Unknown option '--nope'. ${help}\n`);
    assert.equal(script.stdout(), '');
  });
}

/** @throws {AssertionError} unless the script printed a usage, a sentence and its flags, and only to standard output */
function assertUsage(script: Script, usage: RegExp): void {
  assert.equal(script.output(), script.stdout());
  const [head = '', what = '', ...more] = script.output().trimEnd().split('\n\n');
  assert.match(head, usage);
  assert.match(what, /^[A-Z].*\.$/ms);
  assert.match(more.join('\n\n'), /^ {2}-h, --help {2,}prints this$/m);
}
