/** Alarms, dashboard, saved queries, encryption and tags, in dev and prod. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { projectRoot } from '../../infra/project-root.ts';
import { stages } from '../../infra/stages.ts';
import { deployedFunctions, directFunctions, httpFunctions } from '../harness/deployed-functions.ts';
import { expectedAlarms, sourceAlarms } from './expected-alarms.ts';
import { idOf, prodContext, templateOf } from './synthesised-template.ts';

for (const [stage, context] of Object.entries({ dev: { stage: 'dev', sources: '' }, prod: prodContext })) {
  describe(stage, () => {
    let template: Template;
    before(() => {
      template = templateOf(context);
    });

    const alarmProperties = () =>
      Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties);

    test('has exactly these alarms by e-mail, each with a description, when it fires and when it is over', () => {
      const found = alarmProperties().filter(({ AlarmActions }) => AlarmActions);
      const names = expectedAlarms.map(({ name }) => `feeling-${stage}-${name}`);
      assert.deepEqual(found.map(({ AlarmName }) => AlarmName).sort(), names.sort());
      for (const properties of found) {
        const expected = expectedAlarms.find(({ name }) => properties.AlarmName === `feeling-${stage}-${name}`);
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

    test('no description blames a cold start for a duration: Duration has no initialisation', () => {
      for (const { MetricName, AlarmDescription } of alarmProperties()) {
        if (MetricName === 'Duration') assert.doesNotMatch(AlarmDescription, /cold starts(?!.* not included)/);
      }
    });

    test('measures what the alarms need: 5xx of all requests, errors of all invocations, latencies at p99', () => {
      const functions = deployedFunctions.length;
      const rate = (expression: string) => ({
        Metrics: Match.arrayWith([Match.objectLike({ Expression: expression })]),
        AlarmActions: Match.anyValue(),
      });
      template.hasResourceProperties('AWS::CloudWatch::Alarm', rate('100 * serverErrors / requests'));
      template.resourcePropertiesCountIs('AWS::CloudWatch::Alarm', rate('100 * errors / invocations'), functions);
      const metric = (MetricName: string, Namespace: string, statistic = {}) => ({
        MetricName,
        Namespace,
        ...statistic,
        AlarmActions: Match.anyValue(),
      });
      const p99 = { ExtendedStatistic: 'p99' };
      template.hasResourceProperties('AWS::CloudWatch::Alarm', metric('Latency', 'AWS/ApiGateway', p99));
      const sum = { Statistic: 'Sum', Period: 60 };
      template.hasResourceProperties('AWS::CloudWatch::Alarm', metric('DataProcessed', 'AWS/ApiGateway', sum));
      template.resourcePropertiesCountIs('AWS::CloudWatch::Alarm', metric('Duration', 'AWS/Lambda', p99), functions);
      template.resourcePropertiesCountIs('AWS::CloudWatch::Alarm', metric('Throttles', 'AWS/Lambda'), functions);
      template.resourcePropertiesCountIs(
        'AWS::CloudWatch::Alarm',
        metric('ApproximateNumberOfMessagesVisible', 'AWS/SQS'),
        directFunctions.length,
      );
    });

    test('errors and invocations are of the same invocations: all versions, all callers', () => {
      for (const { name } of deployedFunctions) {
        const alarm = alarmProperties().find(({ AlarmName }) => AlarmName === `feeling-${stage}-${name}-errors`);
        const [, ...metrics] = alarm?.['Metrics'] ?? assert.fail(name);
        const dimensions = metrics.map(({ Id, MetricStat: { Metric } }: { Id: string; MetricStat: AlarmMetric }) => [
          Id,
          Metric.MetricName,
          (Metric.Dimensions ?? []).map(({ Name }) => Name),
        ]);
        assert.deepEqual(dimensions, [
          ['errors', `${name}-errors`, []],
          ['invocations', 'Invocations', ['FunctionName']],
        ]);
      }
    });

    test('has a dashboard with every metric that shows how the API is', () => {
      const [dashboard] = Object.values(template.findResources('AWS::CloudWatch::Dashboard'));
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
        ...deployedFunctions.flatMap(({ name }) => [`${name}-errors`, `${name}-cold-starts`]),
        ...directFunctions.map(({ name }) => `${name}-invalid-events`),
      ]) {
        assert(body.includes(`\\"${metric}\\"`), `the dashboard lacks ${metric}`);
      }
      for (const statistic of ['p50', 'p90', 'p99']) assert(body.includes(`\\"${statistic}\\"`));
    });

    test('the dashboard has one graph of all feelings, and names none of them', () => {
      const [dashboard] = Object.values(template.findResources('AWS::CloudWatch::Dashboard'));
      const body = JSON.stringify(dashboard);
      assert.equal(body.split('title\\":\\"Feelings').length, 2);
      assert(body.includes(`SEARCH('{Feeling/${stage},feeling} MetricName=`), body);
      assert.doesNotMatch(body, /positive|neutral|negative/);
    });

    test('the name of the dashboard has the region: names are unique in an account', () => {
      template.hasResourceProperties('AWS::CloudWatch::Dashboard', {
        DashboardName: { 'Fn::Join': ['', [`feeling-${stage}-`, { Ref: 'AWS::Region' }]] },
      });
    });

    test('has saved queries for slow requests, errors and cold starts, on the logs of all functions', () => {
      for (const name of ['slowest requests', 'errors by type', 'cold starts']) {
        template.hasResourceProperties('AWS::Logs::QueryDefinition', {
          Name: `feeling-${stage}/${name}`,
          LogGroupNames: deployedFunctions.map(({ name }) => ({ Ref: idOf(name, 'Log') })),
        });
      }
    });

    test('encrypts alarms with a key that CloudWatch may use and that rotates, and accepts them by TLS only', () => {
      template.hasResourceProperties('AWS::SNS::Topic', {
        TopicName: `feeling-${stage}-alarms`,
        KmsMasterKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^MonitoringAlarmKey'), 'Arn'] },
      });
      const ofThisAccount = { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } };
      const cloudWatch = { Effect: 'Allow', Principal: { Service: 'cloudwatch.amazonaws.com' } };
      template.hasResourceProperties('AWS::KMS::Key', {
        EnableKeyRotation: true,
        KeyPolicy: {
          Statement: Match.arrayWith([
            Match.objectLike({
              ...cloudWatch,
              Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
              Condition: ofThisAccount,
            }),
          ]),
        },
      });
      template.hasResourceProperties('AWS::SNS::TopicPolicy', {
        PolicyDocument: {
          Statement: Match.arrayWith([
            Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
            Match.objectLike({ ...cloudWatch, Action: 'sns:Publish', Condition: ofThisAccount }),
          ]),
        },
      });
    });

    test('tags every resource that takes tags with service and stage', () => {
      const tags = [
        { Key: 'service', Value: 'feeling' },
        { Key: 'stage', Value: stage },
      ];
      const types = ['Lambda::Function', 'Logs::LogGroup', 'SQS::Queue', 'SNS::Topic', 'KMS::Key', 'IAM::Role'];
      for (const type of [...types, 'CloudWatch::Alarm']) {
        template.allResourcesProperties(`AWS::${type}`, { Tags: Match.arrayWith(tags) });
      }
      for (const type of ['Api', 'Stage']) {
        template.allResourcesProperties(`AWS::ApiGatewayV2::${type}`, { Tags: { service: 'feeling', stage } });
      }
    });

    test('sends alarms to the address of the stage, if it has one', () => {
      const address = stage === 'prod' ? prodContext.alarmEmail : stages.dev.alarmEmail;
      template.resourceCountIs('AWS::SNS::Subscription', address ? 1 : 0);
      if (address) template.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: address });
    });

    test('every log group of a function has its metric filters', () => {
      const names = ['error-lines', 'cold-starts', 'feelings'];
      const expected = [
        ...httpFunctions.flatMap(({ name }) => names.map((filter) => [name, filter])),
        ...directFunctions.flatMap(({ name }) => [...names, 'invalid-events'].map((filter) => [name, filter])),
      ];
      template.resourceCountIs('AWS::Logs::MetricFilter', expected.length);
      for (const [name = ''] of expected) {
        template.hasResourceProperties('AWS::Logs::MetricFilter', {
          LogGroupName: { Ref: idOf(name, 'Log') },
          MetricTransformations: [Match.objectLike({ MetricNamespace: `Feeling/${stage}`, MetricValue: '1' })],
        });
      }
    });
  });
}

interface AlarmMetric {
  Metric: { MetricName: string; Dimensions?: { Name: string }[] };
}

test('the runbook says what to do about each alarm, and about no other', async () => {
  const runbook = await readFile(join(projectRoot, 'infra/RUNBOOK.md'), 'utf8');
  const [, section = ''] = /^## When an alarm fires\n(.*?)^## /ms.exec(runbook) ?? [];
  const headings = [...section.matchAll(/^### `?(.*?)`?$/gm)].map(([, heading = '']) => heading);
  const due = new Set([...expectedAlarms, ...sourceAlarms].map(({ heading }) => heading));
  for (const heading of due) {
    assert(headings.includes(heading), `${heading} fires, and infra/RUNBOOK.md has no section of that name: add it`);
  }
  for (const heading of headings) {
    assert(due.has(heading), `infra/RUNBOOK.md has the section ${heading}, and no alarm is called so: take it out`);
  }
  assert.equal(headings.length, due.size, 'infra/RUNBOOK.md has two sections of one name');
});
