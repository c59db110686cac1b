/** The Lambda API and the commands of the documents, with each AWS CLI that is installed. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { accessSync, constants, realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { codeBlock } from '../harness/documents.ts';
import { type ServedStack, type SynthesisedStack, serveStack, synthesiseStack } from '../harness/feeling-api.ts';
import { longOnly } from '../harness/long-form.ts';

let stack: SynthesisedStack;
let api: ServedStack;

before(async () => {
  stack = await synthesiseStack({ sources: 'queue,topic,bus' });
  api = await serveStack(stack.directory);
});
after(async () => {
  await api[Symbol.asyncDispose]();
  await stack[Symbol.asyncDispose]();
});

/** As the CLI prints it, where its terminal is not known to take UTF-8. */
const escaped = (text: string) =>
  JSON.stringify(text)
    .replaceAll(/[\u0080-\uffff]/g, (c) => `\\\\u${c.charCodeAt(0).toString(16)}`)
    .slice(1, -1);

interface Finished {
  exitCode: number;
  stdout: string;
  stderr: string;
  /** The content of output.txt. */
  output: string;
}

function run(program: string, args: string[]): Promise<Finished> {
  // As on a machine without an AWS configuration. The CLI does not retry a 429.
  const env = { PATH: process.env['PATH'], AWS_MAX_ATTEMPTS: '1', HOME: stack.directory };
  return new Promise((resolve) => {
    const command = execFile(program, args, { env, cwd: stack.directory }, async (_error, stdout, stderr) => {
      const output = await readFile(join(stack.directory, 'output.txt'), 'utf8').catch(() => '');
      resolve({ exitCode: command.exitCode ?? -1, stdout, stderr, output });
    });
  });
}

/** Every AWS CLI on the PATH. */
const installed = new Set(
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'aws'))
    .filter((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    })
    .map((file) => realpathSync(file)),
);

if (installed.size === 0) {
  test('the AWS CLI', { skip: 'there is no `aws` on the PATH; on Debian: apt-get install awscli' }, () => {});
}

for (const aws of installed) {
  describe(aws, () => {
    let invoke: (...args: string[]) => Promise<Finished>;
    /** Runs the command of a document in a shell, with the port that this test has. */
    let runDocumented: (command: string) => Promise<Finished>;
    /** The exit code for a service error. */
    let failure: number;

    before(async () => {
      const { stdout, stderr } = await run(aws, ['--version']);
      const isVersion1 = `${stdout}${stderr}`.startsWith('aws-cli/1.');
      failure = isVersion1 ? 255 : 254;
      // Version 1 sends a payload unchanged and has no such option; version 2 requires it.
      const raw = isVersion1 ? [] : ['--cli-binary-format', 'raw-in-base64-out'];
      runDocumented = (command) => {
        const here = command.replace('http://127.0.0.1:3001', api.runtime.lambdaUrl).replace(/^aws /, `'${aws}' `);
        return run('sh', ['-c', isVersion1 ? here.replace('--cli-binary-format raw-in-base64-out ', '') : here]);
      };
      invoke = (...args) =>
        run(aws, [
          ...'lambda invoke --region us-east-1 --no-sign-request --endpoint-url'.split(' '),
          api.runtime.lambdaUrl,
          ...raw,
          ...args,
          'output.txt',
        ]);
    });

    const feeling = ['--function-name', 'feeling-direct-dev', '--payload', '{"emoji_type":0,"message":"hi"}'];

    test('aws lambda invoke writes the response to output.txt and prints StatusCode 200', longOnly, async () => {
      const { exitCode, stdout, output } = await invoke(...feeling);
      assert.equal(exitCode, 0);
      assert.deepEqual(JSON.parse(stdout), { StatusCode: 200, ExecutedVersion: '$LATEST' });
      assert.equal(output, '{"feeling":"positive","message":"hi"}');
    });

    test('aws lambda invoke --invocation-type Event prints 202', longOnly, async () => {
      const { exitCode, stdout, output } = await invoke(...feeling, '--invocation-type', 'Event');
      assert.equal(exitCode, 0);
      assert.deepEqual(JSON.parse(stdout), { StatusCode: 202 });
      assert.equal(output, '');
    });

    test('aws lambda invoke runs as written in README.md', async () => {
      const command = await codeBlock('README.md', 'sh', 'aws lambda invoke');
      const { exitCode, stdout, output } = await runDocumented(command);
      assert.equal(exitCode, 0);
      assert.equal(JSON.parse(stdout).StatusCode, 200);
      assert.equal(output, '{"feeling":"positive","message":"hi"}');
    });

    test('aws lambda invoke runs as written in infra/local/README.md', async () => {
      const command = await codeBlock('infra/local/README.md', 'sh', 'aws lambda invoke');
      const { exitCode, stdout, output } = await runDocumented(command);
      assert.equal(exitCode, 0);
      assert.equal(JSON.parse(stdout).StatusCode, 202);
      assert.equal(output, '');
    });

    test(
      'the four commands for queues, topics and event buses run as written in infra/local/README.md',
      longOnly,
      async (t) => {
        const { stdout, stderr } = await run(aws, ['--version']);
        const [, major, minor] = /^aws-cli\/(\d+)\.(\d+)/.exec(`${stdout}${stderr}`) ?? [];
        // Older ones speak AWS Query with SQS.
        const isTooOld = Number(minor) < (major === '1' ? 30 : 13);
        if (isTooOld) return t.skip(`aws-cli/${major}.${minor} is older than 1.30 and 2.13`);
        const commands = await codeBlock('infra/local/README.md', 'sh', 'aws="aws');
        const here = commands
          .replaceAll('http://127.0.0.1:3001', api.runtime.lambdaUrl)
          .replace('aws="aws ', `aws="'${aws}' `.replaceAll("'", ''));
        const first = await run('sh', ['-c', here]);
        assert.equal(first.exitCode, 0, first.stderr);
        assert.match(first.stdout, /"MessageId"[\s\S]*"MessageId"[\s\S]*"EventId"/);
        const [receive = ''] = here.match(/\$aws sqs receive-message[\s\S]*$/) ?? [];
        const settings = here.split('\n').slice(0, 2).join('\n');
        let answers = first.stdout;
        const expected = ['hi 🎉', 'from a topic', 'from a bus'];
        while (!expected.every((message) => answers.includes(message) || answers.includes(escaped(message)))) {
          answers += (await run('sh', ['-c', `${settings}\n${receive}`])).stdout;
        }
      },
    );

    test('aws lambda invoke --invocation-type DryRun prints 204', longOnly, async () => {
      const { exitCode, stdout } = await invoke(...feeling, '--invocation-type', 'DryRun');
      assert.equal(exitCode, 0);
      assert.deepEqual(JSON.parse(stdout), { StatusCode: 204 });
    });

    test('aws lambda invoke --log-type Tail prints the end of the log', longOnly, async () => {
      const { stdout } = await invoke(...feeling, '--log-type', 'Tail');
      assert.match(Buffer.from(JSON.parse(stdout).LogResult, 'base64').toString(), /"feeling":"positive"/);
    });

    test('aws lambda invoke prints FunctionError for an invalid event and exits with 0', async () => {
      const { exitCode, stdout, output } = await invoke('--function-name', 'feeling-direct-dev', '--payload', '{}');
      assert.equal(exitCode, 0);
      assert.equal(JSON.parse(stdout).FunctionError, 'Unhandled');
      assert.equal(JSON.parse(output).errorType, 'InvalidEvent');
    });

    test('aws lambda invoke fails with ResourceNotFoundException if there is no such function', longOnly, async () => {
      const { exitCode, stderr } = await invoke('--function-name', 'nope');
      assert.equal(exitCode, failure);
      assert.match(stderr, /An error occurred \(ResourceNotFoundException\)/);
    });
  });
}
