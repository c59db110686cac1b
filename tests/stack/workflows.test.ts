/** The workflows and what keeps packages up to date: read as YAML, since nothing here can run them. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import { projectRoot } from '../../infra/project-root.ts';

const concurrency = z.object({ group: z.string(), 'cancel-in-progress': z.boolean() });
const workflowShape = z.looseObject({
  permissions: z.object({ contents: z.literal('read') }),
  concurrency: concurrency.optional(),
  jobs: z.record(
    z.string(),
    z.looseObject({
      if: z.string().optional(),
      concurrency: concurrency.optional(),
      environment: z.string().optional(),
      with: z.record(z.string(), z.string()).optional(),
      steps: z.array(z.looseObject({ uses: z.string().optional(), run: z.string().optional() })).default([]),
    }),
  ),
});

const folder = join(projectRoot, '.github/workflows');
const workflows = new Map<string, z.output<typeof workflowShape>>();
before(async () => {
  for (const name of await readdir(folder)) {
    workflows.set(name, workflowShape.parse(parse(await readFile(join(folder, name), 'utf8'))));
  }
});
const jobOf = (workflow: string, job: string) =>
  workflows.get(workflow)?.jobs[job] ?? assert.fail(`${workflow} ${job}`);

/** An expression as a workflow writes it. */
const expression = (text: string) => `$\{{ ${text} }}`;

/** The first release of each action that runs on Node 24, by its own notes. */
const firstOnNode24: Record<string, number> = {
  'actions/checkout': 5,
  'actions/upload-artifact': 6,
  'aws-actions/configure-aws-credentials': 6,
};

describe('the workflows', () => {
  test('use actions on a current Node, pinned by the hash of a commit', async () => {
    let count = 0;
    for (const name of workflows.keys()) {
      const text = await readFile(join(folder, name), 'utf8');
      for (const [, action = '', hash, major] of text.matchAll(
        /uses: ([\w-]+\/[\w-]+)@(\S+)(?: # v(\d+)\.\d+\.\d+)?$/gm,
      )) {
        assert.match(hash ?? '', /^[0-9a-f]{40}$/, `${name}: ${action}`);
        assert(Number(major) >= (firstOnNode24[action] ?? Number.NaN), `${name}: ${action} v${major}`);
        count++;
      }
    }
    assert(count > 5);
  });

  test('hold one deployment of a stage at a time, and no other stage while one waits for an approval', () => {
    for (const [name, workflow] of workflows) assert.equal(workflow.concurrency, undefined, name);
    const deploy = jobOf('deploy.yml', 'deploy').concurrency;
    assert.deepEqual(deploy, { group: `stage-${expression('inputs.stage')}`, 'cancel-in-progress': false });
    // The removal of a pull request's stage waits for its deployment.
    const stage = jobOf('preview.yml', 'deploy').with?.['stage'];
    assert.equal(stage, `pr-${expression('github.event.number')}`);
    const remove = jobOf('preview.yml', 'remove').concurrency;
    assert.deepEqual(remove, { group: `stage-${stage}`, 'cancel-in-progress': false });
  });

  test('give a stage to pull requests of the repository itself only, and remove it on close', () => {
    for (const job of ['deploy', 'remove']) {
      const condition = jobOf('preview.yml', job).if ?? '';
      assert.match(condition, /head\.repo\.full_name == github\.repository/);
      assert.match(condition, /user\.login != 'dependabot\[bot\]'/);
      assert.match(condition, job === 'remove' ? /action == 'closed'/ : /action != 'closed'/);
    }
    assert(jobOf('preview.yml', 'remove').steps.some(({ run }) => run?.startsWith('npm run destroy -- ')));
    // The longest number of a pull request makes a name that the configuration accepts.
    assert.match('pr-9999999', /^[a-z][a-z0-9-]{0,15}$/);
  });

  test('deploy, then test what the outputs say', () => {
    const runs = jobOf('deploy.yml', 'deploy').steps.map(({ run }) => run);
    const deploy = runs.findIndex((run) => run?.includes('--outputs-file outputs.json'));
    assert(deploy >= 0 && runs.indexOf('npm run test:deployed') > deploy);
  });
});

test('updates of packages and actions wait for a week', async () => {
  const text = await readFile(join(projectRoot, '.github/dependabot.yml'), 'utf8');
  const update = z.object({
    'package-ecosystem': z.string(),
    cooldown: z.object({ 'default-days': z.number().min(7) }),
  });
  const { updates } = z.object({ updates: z.array(update) }).parse(parse(text));
  assert.deepEqual(updates.map((entry) => entry['package-ecosystem']).sort(), ['github-actions', 'npm']);
  assert.match(await readFile(join(projectRoot, '.npmrc'), 'utf8'), /^min-release-age=7$/m);
});
