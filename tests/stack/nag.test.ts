/**
 * cdk-nag's rules for AWS solutions and for serverless ones, with a reason for each finding that is accepted; and the
 * CDK's own validation of templates, without exceptions.
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
import { longOnly } from '../harness/long-form.ts';
import { testConfiguration } from '../harness/test-configuration.ts';
import { prodContext } from './synthesised-template.ts';

const outdir = await mkdtemp(join(tmpdir(), 'feeling-api-test-'));
after(() => rm(outdir, { recursive: true, force: true }));

interface Accepted {
  rule: string;
  paths: string[];
  reason: string;
}

const functions = deployedFunctions.map(({ name }) => `Feeling/${name}/Function/Resource`);
const routes = httpFunctions.map(
  ({ method, path }) => `Feeling/Api/${`${method}${path}`.replaceAll('/', '--')}/Resource`,
);
const queues = directFunctions.map(({ operationId }) => `Feeling/${operationId}-failed-events/Resource`);

const everywhere: Accepted[] = [
  {
    rule: 'AwsSolutions-APIG4',
    paths: routes,
    reason: 'The API is public on purpose. The throttle and the reserved concurrency limit what strangers can cost.',
  },
  {
    rule: 'AwsSolutions-SQS3',
    paths: queues,
    reason: 'It is a dead-letter queue itself: the destination of failed events.',
  },
  {
    rule: 'Serverless-SQSRedrivePolicy',
    paths: queues,
    reason: 'People read it. It has no consumer that could fail.',
  },
  {
    rule: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]',
    paths: deployedFunctions.map(({ name }) => `Feeling/${name}-deployment/ServiceRole/Resource`),
    reason: 'The limited policy is the smallest that CodeDeploy documents, and AWS keeps it up to date.',
  },
  {
    rule: 'Serverless-LambdaDLQ',
    paths: functions,
    reason: 'A direct function has an on-failure destination, which says more. The others get no asynchronous events.',
  },
  {
    rule: 'Serverless-LambdaTracing',
    paths: functions,
    reason: 'An HTTP API does not trace, and the functions call nothing: a trace would have one segment.',
  },
];

const prodOnly: Accepted[] = [
  {
    rule: 'Serverless-SNSRedrivePolicy',
    paths: [`Feeling/Monitoring/Alarms/${prodContext.alarmEmail}/Resource`],
    reason: 'An e-mail that cannot be delivered has no queue to go to. CloudWatch still shows the alarm.',
  },
];

const sourcesOnly: Accepted[] = [
  {
    rule: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]',
    paths: ['Feeling/feeling-records-deployment/ServiceRole/Resource'],
    reason: 'As for the other functions.',
  },
  {
    rule: 'AwsSolutions-SQS3',
    paths: ['answers', 'direct-answers', 'reactions-undelivered'].map((name) => `Feeling/feeling-${name}/Resource`),
    reason: 'Programs outside of the stack read answers. The undelivered messages are in a dead-letter queue already.',
  },
  {
    rule: 'Serverless-SQSRedrivePolicy',
    paths: ['answers', 'direct-answers', 'reactions-failed', 'reactions-undelivered'].map(
      (name) => `Feeling/feeling-${name}/Resource`,
    ),
    reason: 'Programs outside of the stack read answers. The others are dead-letter queues themselves.',
  },
  {
    rule: 'Serverless-LambdaEventSourceMappingDestination',
    paths: ['Feeling/feeling-records/Live/SqsEventSource:Feelingfeelingreactions1BA57E55/Resource'],
    reason: 'Lambda has that destination for streams only. The dead-letter queue of the source keeps what fails.',
  },
  {
    rule: 'Serverless-LambdaDLQ',
    paths: ['Feeling/feeling-records/Function/Resource'],
    reason: 'It gets no asynchronous events. The dead-letter queue of its source keeps what fails.',
  },
  {
    rule: 'Serverless-LambdaTracing',
    paths: ['Feeling/feeling-records/Function/Resource'],
    reason: 'It calls SQS only. The log has the reason and the message ID of each call that fails.',
  },
];

/** Every kind of stack that the configuration allows. */
const variants: Record<string, { context: Record<string, string | undefined>; accepted: Accepted[] }> = {
  dev: { context: testConfiguration, accepted: everywhere },
  prod: { context: prodContext, accepted: [...everywhere, ...prodOnly] },
  'a stage with every source': {
    context: { ...testConfiguration, sources: 'topic,bus,schedule' },
    accepted: [...everywhere, ...sourcesOnly],
  },
  'a stage with a domain and tokens, whose alarms are ignored': {
    context: {
      ...testConfiguration,
      domainName: 'feeling.example',
      certificateArn: 'arn:aws:acm:eu-central-1:123456789012:certificate/x',
      jwtIssuer: 'https://issuer.example',
      jwtAudience: 'feeling',
      ignoreAlarms: 'true',
    },
    accepted: everywhere.filter(({ rule }) => rule !== 'AwsSolutions-APIG4'),
  },
};

for (const [name, { context, accepted }] of Object.entries(variants)) {
  test(`${name} has the accepted findings and no other`, () => {
    const { app, stack } = feelingApp({ outdir, context });
    const findings: string[] = [];
    for (const pack of [new AwsSolutionsChecks(app), new ServerlessChecks(app)]) {
      for (const { ruleName, violatingResources } of pack.validateScope(stack).violations) {
        for (const { constructPath } of violatingResources) findings.push(`${ruleName} ${constructPath}`);
      }
    }
    const known = accepted.flatMap(({ rule, paths, reason }) => {
      assert(reason.length > 20);
      return paths.map((path) => `${rule} ${path}`);
    });
    assert.deepEqual(findings.sort(), known.sort());
  });

  test(`${name} passes the validation of the CDK`, name === 'prod' ? {} : longOnly, async () => {
    assert.deepEqual(await violations(context), []);
  });
}

test('the validation of the CDK finds what CloudFormation would refuse', async () => {
  const properties = { QueueName: 'feeling', Bogus: 1 };
  const broken = violations(testConfiguration, (stack) => {
    new CfnResource(stack, 'Broken', { type: 'AWS::SQS::Queue', properties });
  });
  await assert.rejects(broken, { message: /^Validation failed\./ });
});

/** Returns what the CDK finds wrong with the template, by the schemas of the resources. */
async function violations(
  context: Record<string, string | undefined>,
  change?: (stack: FeelingStack) => void,
): Promise<string[]> {
  const { app, stack } = feelingApp({ outdir, context });
  change?.(stack);
  app.synth();
  const { pluginReports } = JSON.parse(await readFile(join(outdir, 'validation-report.json'), 'utf8'));
  return pluginReports.flatMap(({ violations }: { violations: { description: string }[] }) =>
    violations.map(({ description }) => description),
  );
}
