/** The life of a stack after its first deployment: the next version, a roll-back, a fix, the removal, a new start. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { stageSchema } from '../../infra/stage-schema.ts';
import { stages } from '../../infra/stages.ts';
import { deployedFunctions, directFunctions, httpFunctions } from '../harness/deployed-functions.ts';
import { idOf, prodContext, templateOf, templateWith } from './synthesised-template.ts';

let dev: Template;
let prod: Template;
before(() => {
  dev = templateOf({ stage: 'dev', sources: '' });
  prod = templateOf(prodContext);
});

/** The logical ids of a type. */
const idsOf = (template: Template, type: string) => new Set(Object.keys(template.findResources(type)));

describe('the next version', () => {
  test('each function has a version, and callers meet the alias "live"', () => {
    for (const template of [dev, prod]) {
      template.resourceCountIs('AWS::Lambda::Version', deployedFunctions.length);
      template.resourceCountIs('AWS::Lambda::Alias', deployedFunctions.length);
      for (const { name } of deployedFunctions) {
        template.hasResourceProperties('AWS::Lambda::Alias', {
          Name: 'live',
          FunctionName: { Ref: idOf(name, 'Function') },
          FunctionVersion: { 'Fn::GetAtt': [idOf(name, 'FunctionCurrentVersion'), 'Version'] },
        });
      }
    }
  });

  const edits: Record<string, string>[] = [{ memoryMb: '1024' }, { logLevel: 'WARN' }, { timeoutSeconds: '6' }];
  for (const edit of edits) {
    test(`${JSON.stringify(edit)} makes one, and the version before stays`, () => {
      const [first, second] = [templateWith({}), templateWith(edit)];
      const replaced = idsOf(first, 'AWS::Lambda::Version').difference(idsOf(second, 'AWS::Lambda::Version'));
      assert.equal(replaced.size, deployedFunctions.length);
      // CloudFormation removes what is not in the next template, by the policy of the template that has it.
      const retained = first.findResources('AWS::Lambda::Version', {
        DeletionPolicy: 'RetainExceptOnCreate',
        UpdateReplacePolicy: 'Retain',
      });
      for (const id of replaced) assert(id in retained, `${id} is deleted by the next deployment`);
    });
  }

  test('CodeDeploy moves each alias', () => {
    for (const template of [dev, prod]) {
      template.resourceCountIs('AWS::CodeDeploy::DeploymentGroup', deployedFunctions.length);
      for (const { name } of deployedFunctions) {
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
    }
  });

  test('takes over all at once in dev, and step by step in prod, as infra/stages.ts says', () => {
    for (const [template, { deployment }] of [
      [dev, stages.dev],
      [prod, stages.prod],
    ] as const) {
      template.allResourcesProperties('AWS::CodeDeploy::DeploymentGroup', {
        DeploymentConfigName: `CodeDeployDefault.Lambda${deployment}`,
      });
    }
  });
});

describe('a roll-back', () => {
  const alarmsOf = (template: Template, name: string) => {
    const group = Object.entries(template.findResources('AWS::CodeDeploy::DeploymentGroup')).find(([id]) =>
      id.startsWith(`${name.replace('-', '')}deployment`),
    );
    const named: { Name: { Ref: string } }[] = group?.[1]['Properties'].AlarmConfiguration.Alarms ?? assert.fail(name);
    return named.map(({ Name }) => Name.Ref);
  };

  test('follows an alarm on errors and one on durations, each of the new version only', () => {
    for (const template of [dev, prod]) {
      for (const { name } of deployedFunctions) {
        const ids = alarmsOf(template, name).filter((id) => id.includes('newversion'));
        assert.equal(ids.length, 2);
        const alarms = template.findResources('AWS::CloudWatch::Alarm');
        const metrics = ids.map((id) => {
          const { Metrics, ...single } = alarms[id]?.['Properties'] ?? assert.fail(id);
          return Metrics?.find(({ Id }: { Id: string }) => Id === 'errors').MetricStat.Metric ?? single;
        });
        assert.deepEqual(metrics.map(({ MetricName }) => MetricName).sort(), ['Duration', 'Errors']);
        for (const { Dimensions } of metrics) {
          const values = Object.fromEntries(
            Dimensions.map(({ Name, Value }: { Name: string; Value: unknown }) => [Name, JSON.stringify(Value)]),
          );
          assert.match(
            values.ExecutedVersion,
            new RegExp(`"${name.replace('-', '')}FunctionCurrentVersion\\w+","Version"`),
          );
          assert.match(values.Resource, /":live"/);
        }
      }
    }
  });

  test('follows the 500s of an HTTP function too, which only the log has', () => {
    for (const { name } of httpFunctions) {
      assert(alarmsOf(prod, name).some((id) => id.startsWith(`Monitoring${name.replace('-', '')}errors`)));
    }
    for (const { name } of directFunctions) assert.equal(alarmsOf(prod, name).length, 2);
  });

  test('is on in dev and prod', () => {
    for (const template of [dev, prod]) {
      template.allResourcesProperties('AWS::CodeDeploy::DeploymentGroup', {
        AlarmConfiguration: { Enabled: true },
        AutoRollbackConfiguration: { Enabled: true, Events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM'] },
      });
    }
  });

  test('each version has alarms of its own: one that fires for the version before does not stop the fix', () => {
    const newVersionAlarms = (template: Template) =>
      new Set([...idsOf(template, 'AWS::CloudWatch::Alarm')].filter((id) => id.includes('newversion')));
    const [before, after] = [newVersionAlarms(templateWith({})), newVersionAlarms(templateWith({ memoryMb: '1024' }))];
    assert.equal(before.size, 2 * deployedFunctions.length);
    assert.deepEqual(before.intersection(after), new Set());
    for (const { AlarmName } of Object.values(dev.findResources('AWS::CloudWatch::Alarm')).map(
      ({ Properties }) => Properties,
    )) {
      assert.doesNotMatch(AlarmName ?? '', /version/, 'an alarm with a fixed name cannot be replaced');
    }
  });

  test('an alarm fires while the old version still meets most of the traffic', () => {
    // Metrics are up to two minutes late; then an alarm needs as many bad minutes as it says.
    const late = 2;
    const alarms = Object.values(prod.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties);
    const slowest = Math.max(...alarms.map(({ DatapointsToAlarm }) => DatapointsToAlarm));
    for (const deployment of stageSchema.shape.deployment.options) {
      if (deployment === 'AllAtOnce') continue;
      const [, canary, linear] = /Canary10Percent(\d+)Minutes|Linear10PercentEvery(\d+)Minute/.exec(deployment) ?? [];
      // Of a linear one the first half.
      const minutes = canary ? Number(canary) : 5 * Number(linear);
      assert(minutes >= late + slowest, `${deployment}: an alarm has only ${minutes} minutes`);
    }
  });

  test('with ignoreAlarms, no alarm stops a deployment: a fix can be deployed while one fires', () => {
    templateWith({ ignoreAlarms: 'true' }).allResourcesProperties('AWS::CodeDeploy::DeploymentGroup', {
      AlarmConfiguration: { Enabled: false },
    });
  });
});

describe('a removal', () => {
  const retainedTypes = new Set(['AWS::Logs::LogGroup', 'AWS::SQS::Queue', 'AWS::Lambda::Version']);

  test('leaves logs, failed events and versions in prod, and the key of the alarms nowhere', () => {
    for (const type of retainedTypes) {
      prod.allResources(type, { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
    }
    for (const type of ['AWS::Logs::LogGroup', 'AWS::SQS::Queue']) {
      templateWith({}).allResources(type, { DeletionPolicy: 'Delete' });
    }
    for (const template of [dev, prod]) template.allResources('AWS::KMS::Key', { DeletionPolicy: 'Delete' });
  });

  test('leaves nothing else, and no first deployment that fails leaves anything', () => {
    for (const template of [dev, prod]) {
      const resources: Record<string, { Type: string; DeletionPolicy?: string }> = template.toJSON()['Resources'];
      for (const [id, { Type, DeletionPolicy = 'Delete' }] of Object.entries(resources)) {
        assert(DeletionPolicy !== 'Retain', `${id} is left behind by a first deployment that fails`);
        assert(DeletionPolicy === 'Delete' || retainedTypes.has(Type), `${id} is left behind`);
      }
    }
  });

  test('leaves no name that the next deployment needs', () => {
    const resources: Record<string, { Type: string; DeletionPolicy?: string; Properties?: object }> =
      prod.toJSON()['Resources'];
    for (const [id, { DeletionPolicy, Properties = {} }] of Object.entries(resources)) {
      if (DeletionPolicy !== 'RetainExceptOnCreate') continue;
      for (const [key, value] of Object.entries(Properties)) {
        if (!/^(LogGroup|Queue)Name$/.test(key)) continue;
        assert.match(JSON.stringify(value), /AWS::StackId/, `${id} has the fixed name ${JSON.stringify(value)}`);
      }
    }
  });
});

test('every name has the stage in it, so that dev and prod can be in one account', () => {
  const names = (template: Template) => {
    const resources: { Properties?: Record<string, unknown> }[] = Object.values(template.toJSON()['Resources']);
    const keys = /^(FunctionName|QueueName|TopicName|AlarmName|DashboardName|ApplicationName|LogGroupName)$/;
    const named = resources.flatMap(({ Properties = {} }) => Object.entries(Properties));
    // Of a reference the resource that it refers to has the name.
    return new Set(
      named
        .filter(([key, value]) => keys.test(key) && !/^\{"Ref"/.test(JSON.stringify(value)))
        .map(([, value]) => JSON.stringify(value)),
    );
  };
  assert(names(dev).size > 10);
  assert.deepEqual(names(dev).intersection(names(prod)), new Set());
});

test('the access log is under the prefix that takes no room in the log policy of the account', () => {
  for (const template of [dev, prod]) {
    template.resourcePropertiesCountIs(
      'AWS::Logs::LogGroup',
      { LogGroupName: { 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp('^/aws/vendedlogs/feeling-')])] } },
      1,
    );
  }
});

test('prod reserves concurrency for each function, as infra/stages.ts says', () => {
  const { reservedConcurrency } = stages.prod;
  prod.allResourcesProperties('AWS::Lambda::Function', {
    ReservedConcurrentExecutions: reservedConcurrency ?? Match.absent(),
  });
});
