/**
 * cdk-nag's rules for AWS solutions and for serverless ones, whatever is let pass with its reason; and the CDK's own
 * validation of templates, with which nothing is let pass.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CfnResource } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { feelingApp } from '../../infra/app.ts';
import type { FeelingStack } from '../../infra/feeling-stack.ts';
import { deployedFunctions, directFunctions, httpFunctions } from '../harness/deployed-functions.ts';

const outdir = await mkdtemp(join(tmpdir(), 'feeling-api-test-'));
after(() => rm(outdir, { recursive: true, force: true }));

interface LetPass {
  rule: string;
  paths: string[];
  reason: string;
}

const functions = deployedFunctions.map(({ name }) => `Feeling/${name}/Function/Resource`);
const routes = httpFunctions.map(
  ({ method, path }) => `Feeling/Api/${`${method}${path}`.replaceAll('/', '--')}/Resource`,
);
const queues = directFunctions.map(({ operationId }) => `Feeling/${operationId}-failed-events/Resource`);

const everywhere: LetPass[] = [
  {
    rule: 'AwsSolutions-APIG4',
    paths: routes,
    reason: 'The API is public by purpose; throttling and reserved concurrency bound what strangers can cost.',
  },
  {
    rule: 'AwsSolutions-SQS3',
    paths: queues,
    reason: 'It is the dead-letter queue, as the destination of failed events.',
  },
  {
    rule: 'Serverless-SQSRedrivePolicy',
    paths: queues,
    reason: 'It is where events end, and people take them out; nothing consumes it that could fail.',
  },
  {
    rule: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]',
    paths: deployedFunctions.map(({ name }) => `Feeling/${name}-deployment/ServiceRole/Resource`),
    reason:
      'The limited policy is the smallest that CodeDeploy documents; its own changes to what it needs come with it.',
  },
  {
    rule: 'Serverless-LambdaDLQ',
    paths: functions,
    reason:
      'A direct function has an on-failure destination, which tells more; nobody invokes the others asynchronously.',
  },
  {
    rule: 'Serverless-LambdaTracing',
    paths: functions,
    reason: 'An HTTP API takes no part in X-Ray and the functions call nothing: a trace would have one segment.',
  },
];

const prodOnly: LetPass[] = [
  {
    rule: 'Serverless-SNSRedrivePolicy',
    paths: ['Feeling/Monitoring/Alarms/feeling-alarms@example.com/Resource'],
    reason: 'An e-mail that cannot be delivered has no queue to go to; the alarm stays to be seen in CloudWatch.',
  },
];

for (const [stage, letPass] of Object.entries({ dev: everywhere, prod: [...everywhere, ...prodOnly] })) {
  test(`${stage} has no finding but those that have a reason, and no reason without a finding`, () => {
    const { app, stack } = feelingApp({ outdir, context: { stage } });
    const findings: string[] = [];
    for (const pack of [new AwsSolutionsChecks(app), new ServerlessChecks(app)]) {
      for (const { ruleName, violatingResources } of pack.validateScope(stack).violations) {
        for (const { constructPath } of violatingResources) findings.push(`${ruleName} ${constructPath}`);
      }
    }
    const known = letPass.flatMap(({ rule, paths, reason }) => {
      assert(reason.length > 20);
      return paths.map((path) => `${rule} ${path}`);
    });
    assert.deepEqual(findings.sort(), known.sort());
  });
}

/** What the CDK finds wrong with the template of a stage, by the schemas of the resources. */
async function invalid(stage: string, change?: (stack: FeelingStack) => void): Promise<string[]> {
  const { app, stack } = feelingApp({ outdir, context: { stage } });
  change?.(stack);
  app.synth();
  const { pluginReports } = JSON.parse(await readFile(join(outdir, 'validation-report.json'), 'utf8'));
  return pluginReports.flatMap(({ violations }: { violations: { description: string }[] }) =>
    violations.map(({ description }) => description),
  );
}

for (const stage of ['dev', 'prod']) {
  test(`${stage} has nothing that CloudFormation would refuse`, async () => {
    assert.deepEqual(await invalid(stage), []);
  });
}

test('what CloudFormation would refuse is found', async () => {
  const properties = { QueueName: 'feeling', Bogus: 1 };
  const broken = invalid('dev', (stack) => {
    new CfnResource(stack, 'Broken', { type: 'AWS::SQS::Queue', properties });
  });
  await assert.rejects(broken, { message: /^Validation failed\./ });
});
