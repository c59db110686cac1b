/**
 * `npm run test:deployed` against stages that differ from ours in all that a client can tell. They are served here: the
 * tests reach them by addresses, as they reach what is deployed.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { projectRoot } from '../../infra/project-root.ts';
import { bareEnvironment, started } from '../../infra/scripts/running-script.ts';
import { serveStack, synthesiseStack } from '../harness/feeling-api.ts';
import { openIssuer } from '../harness/issuer.ts';
import { longOnly } from '../harness/long-form.ts';

/** Serves a stage and runs the tests against it. @returns what they print */
async function testDeployed(context: Record<string, string>, { withToken = false } = {}): Promise<string> {
  await using issuer = await openIssuer();
  await using stack = await synthesiseStack(context);
  // The configuration takes https only. The issuer of this test has no certificate.
  const template = join(stack.directory, 'Feeling.template.json');
  await writeFile(template, (await readFile(template, 'utf8')).replaceAll('https://issuer.example', issuer.url));
  await using api = await serveStack(stack.directory);
  const outputs = join(stack.directory, 'outputs.json');
  const names = { ApiUrl: api.url, feelingdirectname: 'feeling-direct-dev' };
  await writeFile(outputs, JSON.stringify({ 'feeling-dev': names }));
  const { scripts } = z
    .object({ scripts: z.object({ 'test:deployed': z.string() }) })
    .parse(JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8')));
  const [, ...args] = scripts['test:deployed'].split(' ');
  const run = started(
    spawn(process.execPath, args, {
      cwd: projectRoot,
      env: {
        ...bareEnvironment(),
        FEELING_OUTPUTS: outputs,
        FEELING_ASSEMBLY: stack.directory,
        LAMBDA_ENDPOINT_URL: api.runtime.lambdaUrl,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY: 'local',
        ...(withToken && { FEELING_TOKEN: await issuer.sign({ iss: issuer.url, aud: 'feeling', exp: 9_999_999_999 }) }),
      },
    }),
  );
  assert.equal(await run.ended(), 0, run.output());
  return run.output();
}

const closed = {
  allowedOrigins: 'https://a.example,https://b.example',
  allowedHeaders: 'content-type,traceparent',
  logLevel: 'WARN',
  throttleRate: '20',
  throttleBurst: '5',
  jwtIssuer: 'https://issuer.example',
  jwtAudience: 'feeling',
};

test('passes for a stage with other origins, headers, log level and throttle, given a token', longOnly, async () => {
  const output = await testDeployed(closed, { withToken: true });
  assert.match(output, /✔ the gateway answers 401 without a token/);
  assert.match(output, /✔ a valid request/);
});

test('leaves out what needs a token, with the reason, where there is none', longOnly, async () => {
  const output = await testDeployed(closed);
  assert.match(output, /✔ the gateway answers 401 without a token/);
  assert.match(output, /﹣ a valid request .*# the stage requires a token, and FEELING_TOKEN is not set/);
});

test('passes for the stage as it is', longOnly, async () => {
  const output = await testDeployed({});
  assert.match(output, /✔ a valid request/);
  assert.doesNotMatch(output, /requires a token/);
});
