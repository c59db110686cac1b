/** What an operations team reads a template for: deployment, alarms, dashboard, logs, encryption, tags; and how prod differs from dev. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Match, Template } from 'aws-cdk-lib/assertions';
import type { Trigger } from '../../infra/function-name.ts';
import { projectRoot } from '../../infra/project-root.ts';
import { deployedFunctions, directFunctions, logicalId } from '../harness/deployed-functions.ts';
import { type SynthesisedStack, synthesiseStack } from '../harness/feeling-api.ts';

const stages = ['dev', 'prod'] as const;
const synthesised: SynthesisedStack[] = [];
const templates = new Map<string, Template>();

before(async () => {
  for (const stage of stages) {
    const stack = await synthesiseStack({ stage });
    synthesised.push(stack);
    const text = await readFile(join(stack.directory, 'Feeling.template.json'), 'utf8');
    templates.set(stage, Template.fromJSON(JSON.parse(text)));
  }
});
after(() => Promise.all(synthesised.map((stack) => stack[Symbol.asyncDispose]())));

function of(stage: string): Template {
  return templates.get(stage) ?? assert.fail(stage);
}

/** The id of what the stack calls so, or of a part of it. */
function idOf(name: string, part = '') {
  return Match.stringLikeRegexp(`^${logicalId(name)}${part}`);
}

interface ExpectedAlarm {
  /** Completes its name: `feeling-<stage>-<name>`. */
  name: string;
  /** The section of infra/RUNBOOK.md that is about it: one for the same alarm of every operation. */
  heading: string;
  threshold: number;
  /** Of the last five. */
  minutes: number;
}

function ofFunction(name: string, trigger: Trigger, alarm: string, threshold: number): ExpectedAlarm {
  return { name: `${name}-${alarm}`, heading: `<operation>-${trigger}-${alarm}`, threshold, minutes: 3 };
}

const alarms: ExpectedAlarm[] = [
  { name: 'api-5xx', heading: 'api-5xx', threshold: 1, minutes: 3 },
  { name: 'api-slow', heading: 'api-slow', threshold: 1000, minutes: 3 },
  ...deployedFunctions.flatMap(({ name, trigger }) => [
    ofFunction(name, trigger, 'errors', 1),
    ofFunction(name, trigger, 'slow', 500),
    ofFunction(name, trigger, 'throttled', 0),
  ]),
  ...directFunctions.map(({ operationId }) => ({
    name: `${operationId}-failed-events`,
    heading: '<operation>-failed-events',
    threshold: 0,
    minutes: 1,
  })),
];

for (const stage of stages) {
  describe(stage, () => {
    test('publishes a version of each function, and callers meet the alias "live"', () => {
      const template = of(stage);
      template.resourceCountIs('AWS::Lambda::Version', deployedFunctions.length);
      template.resourceCountIs('AWS::Lambda::Alias', deployedFunctions.length);
      for (const { name } of deployedFunctions) {
        template.hasResourceProperties('AWS::Lambda::Alias', {
          Name: 'live',
          FunctionName: { Ref: idOf(name, 'Function') },
          FunctionVersion: { 'Fn::GetAtt': [idOf(name, 'FunctionCurrentVersion'), 'Version'] },
        });
      }
    });

    test('moves each alias by CodeDeploy, which its own alarms roll back', () => {
      const template = of(stage);
      template.resourceCountIs('AWS::CodeDeploy::DeploymentGroup', deployedFunctions.length);
      for (const { name } of deployedFunctions) {
        const alarmOf = (kind: string) => ({ Name: { Ref: idOf(`Monitoring/${name}-${kind}`) } });
        template.hasResourceProperties('AWS::CodeDeploy::DeploymentGroup', {
          AlarmConfiguration: { Enabled: true, Alarms: [alarmOf('errors'), alarmOf('slow')] },
          AutoRollbackConfiguration: { Enabled: true, Events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM'] },
        });
        template.hasResource('AWS::Lambda::Alias', {
          Properties: { FunctionName: { Ref: idOf(name, 'Function') } },
          UpdatePolicy: {
            CodeDeployLambdaAliasUpdate: {
              ApplicationName: Match.anyValue(),
              DeploymentGroupName: { Ref: idOf(`${name}-deployment`) },
            },
          },
        });
      }
    });

    test('has exactly these alarms, each with a reason, to the topic when it fires and when it is over', async () => {
      const template = of(stage);
      const found = Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties);
      const names = alarms.map(({ name }) => `feeling-${stage}-${name}`);
      assert.deepEqual(found.map(({ AlarmName }) => AlarmName).sort(), names.sort());
      for (const properties of found) {
        const expected = alarms.find(({ name }) => properties.AlarmName === `feeling-${stage}-${name}`);
        assert.equal(properties.Threshold, expected?.threshold);
        assert.equal(properties.ComparisonOperator, 'GreaterThanThreshold');
        assert.equal(properties.EvaluationPeriods, 5);
        assert.equal(properties.DatapointsToAlarm, expected?.minutes);
        assert.equal(properties.TreatMissingData, 'notBreaching');
        assert.match(properties.AlarmDescription, /^.{40,}\.$/);
        for (const actions of [properties.AlarmActions, properties.OKActions]) {
          assert.match(JSON.stringify(actions), /^\[\{"Ref":"MonitoringAlarms\w+"\}\]$/);
        }
      }
    });

    test('measures what the alarms need: 5xx of all requests, faults of all invocations, latencies at p99', () => {
      const template = of(stage);
      const functions = deployedFunctions.length;
      const rate = (expression: string) => ({
        Metrics: Match.arrayWith([Match.objectLike({ Expression: expression })]),
      });
      template.hasResourceProperties('AWS::CloudWatch::Alarm', rate('100 * serverErrors / requests'));
      template.resourcePropertiesCountIs('AWS::CloudWatch::Alarm', rate('100 * faults / invocations'), functions);
      const metric = (MetricName: string, Namespace: string, ExtendedStatistic?: string) =>
        ExtendedStatistic ? { MetricName, Namespace, ExtendedStatistic } : { MetricName, Namespace };
      template.hasResourceProperties('AWS::CloudWatch::Alarm', metric('Latency', 'AWS/ApiGateway', 'p99'));
      template.resourcePropertiesCountIs('AWS::CloudWatch::Alarm', metric('Duration', 'AWS/Lambda', 'p99'), functions);
      template.resourcePropertiesCountIs('AWS::CloudWatch::Alarm', metric('Throttles', 'AWS/Lambda'), functions);
      template.resourcePropertiesCountIs(
        'AWS::CloudWatch::Alarm',
        metric('ApproximateNumberOfMessagesVisible', 'AWS/SQS'),
        directFunctions.length,
      );
    });

    test('reads faults, cold starts and the mix of feelings from the log', () => {
      const template = of(stage);
      for (const { name } of deployedFunctions) {
        const filter = (metric: string, FilterPattern: string | object, Dimensions?: object[]) =>
          template.hasResourceProperties('AWS::Logs::MetricFilter', {
            LogGroupName: { Ref: idOf(name, 'Log') },
            FilterPattern,
            MetricTransformations: [
              Match.objectLike({
                MetricName: metric,
                MetricNamespace: `Feeling/${stage}`,
                MetricValue: '1',
                ...(Dimensions && { Dimensions }),
              }),
            ],
          });
        filter(
          `${name}-faults`,
          '{ ($.level = "ERROR" && $.message.errorType != "InvalidEvent") || ' +
            '($.type = "platform.report" && ($.record.status = "timeout" || $.record.errorType = "Runtime.*")) }',
        );
        filter(`${name}-cold-starts`, Match.stringLikeRegexp('initDurationMs > 0'));
        filter('feelings', '{ $.message.feeling = "*" }', [{ Key: 'feeling', Value: '$.message.feeling' }]);
      }
    });

    test('has a dashboard with everything that tells how it is', () => {
      const [dashboard] = Object.values(of(stage).findResources('AWS::CloudWatch::Dashboard'));
      assert.equal(dashboard?.['Properties'].DashboardName, `feeling-${stage}`);
      const body = JSON.stringify(dashboard);
      for (const metric of [
        'Count',
        '4xx',
        '5xx',
        'Latency',
        'IntegrationLatency',
        'Duration',
        'ConcurrentExecutions',
        'Throttles',
        'ApproximateNumberOfMessagesVisible',
        'feelings',
        ...deployedFunctions.map(({ name }) => `${name}-cold-starts`),
      ]) {
        assert(body.includes(`\\"${metric}\\"`), `the dashboard lacks ${metric}`);
      }
      for (const statistic of ['p50', 'p90', 'p99']) assert(body.includes(`\\"${statistic}\\"`));
      for (const feeling of ['positive', 'neutral', 'negative']) assert(body.includes(`\\"${feeling}\\"`));
    });

    test('has saved queries for slow requests, errors and cold starts, on the logs of all functions', () => {
      const template = of(stage);
      for (const name of ['slowest requests', 'errors by type', 'cold starts']) {
        template.hasResourceProperties('AWS::Logs::QueryDefinition', {
          Name: `feeling-${stage}/${name}`,
          LogGroupNames: deployedFunctions.map(({ name }) => ({ Ref: idOf(name, 'Log') })),
        });
      }
    });

    test('encrypts alarms with a key that CloudWatch may use and that is rotated, and takes them by TLS only', () => {
      const template = of(stage);
      template.hasResourceProperties('AWS::SNS::Topic', {
        TopicName: `feeling-${stage}-alarms`,
        KmsMasterKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^MonitoringAlarmKey'), 'Arn'] },
      });
      template.hasResourceProperties('AWS::KMS::Key', {
        EnableKeyRotation: true,
        KeyPolicy: {
          Statement: Match.arrayWith([
            Match.objectLike({
              Effect: 'Allow',
              Principal: { Service: 'cloudwatch.amazonaws.com' },
              Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
              Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
            }),
          ]),
        },
      });
      template.hasResourceProperties('AWS::SNS::TopicPolicy', {
        PolicyDocument: {
          Statement: Match.arrayWith([
            Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
            Match.objectLike({
              Effect: 'Allow',
              Principal: { Service: 'cloudwatch.amazonaws.com' },
              Action: 'sns:Publish',
              Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
            }),
          ]),
        },
      });
    });

    test('tags whatever can be tagged with service and stage', () => {
      const tags = [
        { Key: 'service', Value: 'feeling' },
        { Key: 'stage', Value: stage },
      ];
      for (const type of [
        'Lambda::Function',
        'Logs::LogGroup',
        'SQS::Queue',
        'SNS::Topic',
        'KMS::Key',
        'IAM::Role',
        'CloudWatch::Alarm',
      ]) {
        of(stage).allResourcesProperties(`AWS::${type}`, { Tags: Match.arrayWith(tags) });
      }
      for (const type of ['Api', 'Stage']) {
        of(stage).allResourcesProperties(`AWS::ApiGatewayV2::${type}`, { Tags: { service: 'feeling', stage } });
      }
    });
  });
}

test('the runbook says what to do about each alarm, and about no other', async () => {
  const runbook = await readFile(join(projectRoot, 'infra/RUNBOOK.md'), 'utf8');
  const headings = [...runbook.matchAll(/^## `?(.*?)`?$/gm)].map(([, heading = '']) => heading);
  const due = new Set(alarms.map(({ heading }) => heading));
  for (const heading of due) {
    assert(headings.includes(heading), `${heading} fires, and infra/RUNBOOK.md has no section of that name: add it`);
  }
  for (const heading of headings) {
    assert(due.has(heading), `infra/RUNBOOK.md has the section ${heading}, and no alarm is called so: take it out`);
  }
  assert.equal(headings.length, due.size, 'infra/RUNBOOK.md has two sections of one name');
});

describe('prod differs from dev', () => {
  test('in how a new version takes over: a tenth of the traffic for five minutes, then the rest', () => {
    of('dev').allResourcesProperties('AWS::CodeDeploy::DeploymentGroup', {
      DeploymentConfigName: 'CodeDeployDefault.LambdaAllAtOnce',
    });
    of('prod').allResourcesProperties('AWS::CodeDeploy::DeploymentGroup', {
      DeploymentConfigName: 'CodeDeployDefault.LambdaCanary10Percent5Minutes',
    });
  });

  test('in what is reserved and what is the limit', () => {
    of('dev').allResourcesProperties('AWS::Lambda::Function', { ReservedConcurrentExecutions: Match.absent() });
    of('prod').allResourcesProperties('AWS::Lambda::Function', { ReservedConcurrentExecutions: 100 });
  });

  test('in how long logs are kept, and whether they outlive the stack', () => {
    of('dev').allResources('AWS::Logs::LogGroup', { Properties: { RetentionInDays: 30 }, DeletionPolicy: 'Delete' });
    of('prod').allResources('AWS::Logs::LogGroup', { Properties: { RetentionInDays: 365 }, DeletionPolicy: 'Retain' });
    of('dev').allResources('AWS::SQS::Queue', { DeletionPolicy: 'Delete' });
    of('prod').allResources('AWS::SQS::Queue', { DeletionPolicy: 'Retain' });
  });

  test('in who is told of alarms', () => {
    of('dev').resourceCountIs('AWS::SNS::Subscription', 0);
    of('prod').hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email' });
  });

  test('in every name, so that both can live in one account', () => {
    const names = (stage: string) => {
      const resources = Object.values(of(stage).toJSON()['Resources']).flatMap((resource) => {
        const { Properties = {} } = { Properties: {}, ...(typeof resource === 'object' ? resource : {}) };
        const nameOf = Object.entries(Properties).filter(([key]) =>
          /^(FunctionName|QueueName|TopicName|AlarmName|DashboardName|ApplicationName)$/.test(key),
        );
        return nameOf.map(([, value]) => value).filter((value) => typeof value === 'string');
      });
      return new Set(resources);
    };
    assert(names('dev').size > 10);
    assert.deepEqual(names('dev').intersection(names('prod')), new Set());
  });
});
