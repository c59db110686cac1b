/**
 * The commands of the CDK, as far as they go without an account: each runs in a folder without an assembly and in one
 * that has one. npm run test:long tries all commands by the real CLI, which takes seconds for each.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { projectRoot } from '../../infra/project-root.ts';
import { bareEnvironment, runScript, type Script, started } from '../../infra/scripts/running-script.ts';
import { longOnly } from '../harness/long-form.ts';

const cli = fileURLToPath(new URL('bin/cdk', import.meta.resolve('aws-cdk/package.json')));

let folder: string;
let withoutAccount: NodeJS.ProcessEnv;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'feeling-cdk-test-'));
  // A home without a profile, and no role of the machine.
  withoutAccount = { HOME: folder, AWS_EC2_METADATA_DISABLED: 'true', CI: 'true' };
});
after(() => rm(folder, { recursive: true, force: true }));

function cdk(outdir: string, args: string[], env: NodeJS.ProcessEnv = {}): Script {
  // cdk.json starts `node`: the one that runs this, not one of the PATH.
  const app = `"${process.execPath}" infra/app.ts`;
  return started(
    spawn(process.execPath, [cli, ...args, '--output', outdir, '--app', app], {
      cwd: projectRoot,
      env: { ...bareEnvironment(), ...withoutAccount, ...env },
    }),
  );
}

/** Runs the app as the CLI does. @param context what `-c` sets, and the CLI itself */
function app(outdir: string, context: object): Script {
  return runScript('infra/app.ts', [], { CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify(context) });
}

describe('the app', () => {
  /** What the CLI sets for list, metadata, bootstrap and destroy (PLATFORM_FACTS 8.5). */
  const withoutBundles = { 'aws:cdk:bundling-stacks': [] };

  test('is synthesised without bundles too, into the folder of an earlier assembly', longOnly, async () => {
    const outdir = join(folder, 'assembly');
    const reserving = { throttleRate: 10, reservedConcurrency: 2 };
    for (const context of [reserving, withoutBundles]) {
      const script = app(outdir, context);
      assert.equal(await script.ended(), 0, script.output());
      const reported = /^reserved concurrency: (\d) functions x 2 = \d+ of the account's \d+ /m.test(script.output());
      assert.equal(reported, context === reserving, script.output());
    }
  });

  test(
    'with a placeholder for an address, prod cannot be deployed but can be destroyed, from an empty folder',
    longOnly,
    async () => {
      const prod = { stage: 'prod', alarmEmail: 'alarms@example.com' };
      const refused = app(join(folder, 'refused'), prod);
      assert.equal(await refused.ended(), 1);
      assert.match(refused.output(), /^alarmEmail=alarms@example\.com: is a placeholder; .*\n$/);
      const destroyed = app(join(folder, 'destroyed'), { ...prod, ...withoutBundles });
      assert.equal(await destroyed.ended(), 0, destroyed.output());
    },
  );
});

describe('npm run deploy, diff and destroy', () => {
  for (const command of ['deploy', 'diff', 'destroy']) {
    test(`${command} without credentials ends with a sentence that says what to set`, async () => {
      const script = runScript('infra/scripts/cdk.ts', [command], withoutAccount);
      assert.equal(await script.ended(), 1);
      assert.match(
        script.output(),
        /^AWS credentials are missing: set AWS_PROFILE .*, or set AWS_ACCESS_KEY_ID .*\.\n$/,
      );
    });
  }

  test('name the profile that has no credentials', async () => {
    const script = runScript('infra/scripts/cdk.ts', ['deploy', '--profile', 'nobody'], withoutAccount);
    assert.equal(await script.ended(), 1);
    assert.match(script.output(), /^AWS credentials are missing for the profile nobody: set .*\.\n$/);
  });

  test('--help says how they are used', async () => {
    const script = runScript('infra/scripts/cdk.ts', ['deploy', '--help'], withoutAccount);
    assert.equal(await script.ended(), 0);
    assert.match(script.output(), /^npm run deploy \[-- .*\n\n[A-Z].*\n\n(.|\n)*^ {2}-h, --help {2,}prints this$/m);
    assert.equal(script.output(), script.stdout());
  });

  test('go to AWS_ENDPOINT_URL', longOnly, async () => {
    const asked: string[] = [];
    const server = createServer(async (request, response) => {
      asked.push(await text(request));
      response
        .writeHead(403, { 'content-type': 'text/xml' })
        .end('<ErrorResponse><Error><Code>No</Code></Error></ErrorResponse>');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const { port } = z.object({ port: z.number() }).parse(server.address());
      const script = runScript('infra/scripts/cdk.ts', ['diff', '--output', join(folder, 'emulator')], {
        ...withoutAccount,
        AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        AWS_REGION: 'us-east-1',
      });
      assert.equal(await script.ended(), 1);
      assert(
        asked.some((body) => body.includes('Action=GetCallerIdentity')),
        script.output(),
      );
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});

describe('the real CLI', longOnly, () => {
  test('lists the stack in a fresh clone', async () => {
    const script = cdk(join(folder, 'fresh'), ['list']);
    assert.equal(await script.ended(), 0, script.output());
    assert.equal(script.stdout(), 'Feeling (feeling-dev)\n');
  });

  const noAccount = /Unable to resolve AWS account to use/;
  const commands: [args: string[], exitCode: number, output: RegExp][] = [
    [['list'], 0, /^Feeling \(feeling-dev\)$/m],
    [['metadata', 'Feeling'], 0, /aws:cdk:logicalId/],
    [['synth', '--quiet'], 0, /^feeling-http-dev: \d+ bytes$/m],
    [['synth', '--quiet', '-c', 'stage=anna'], 0, /^feeling-http-anna: \d+ bytes$/m],
    [['bootstrap'], 1, noAccount],
    [['destroy', '--force'], 1, noAccount],
    [['diff'], 1, noAccount],
    [['deploy'], 1, noAccount],
    [['rollback'], 1, noAccount],
    [['drift'], 1, noAccount],
    [['gc', '--unstable=gc'], 1, /account|credentials/i],
    [['context'], 0, /Context|context/],
    [['acknowledge', '1'], 0, /^/],
    [['doctor'], 0, /CDK CLI Version: \d/],
  ];
  for (const [args, exitCode, output] of commands) {
    test(`cdk ${args.join(' ')} ends as it should, with and without an earlier assembly`, longOnly, async () => {
      const outdir = join(folder, `cli-${args[0]}`);
      for (let time = 0; time < 2; time++) {
        const script = cdk(outdir, args);
        assert.equal(await script.ended(), exitCode, script.output());
        assert.match(script.output(), output);
        assert.doesNotMatch(script.output(), /ENOENT|\n {4}at /);
      }
    });
  }
});
