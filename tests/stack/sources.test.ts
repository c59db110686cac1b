/** The event sources in the template: in any combination, the queues and the function. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { configurationOf } from '../../infra/configuration.ts';
import { testConfiguration } from '../harness/test-configuration.ts';
import { allSources, arnOf, refTo } from './source-references.ts';
import { prodContext, templateOf, templateWith } from './synthesised-template.ts';

interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
}

let none: Template;
let template: Template;
before(() => {
  none = templateWith({});
  template = templateWith(allSources);
});

const resourcesOf = (made: Template): Record<string, Resource> => made.toJSON()['Resources'];
const day = 24 * 60 * 60;

describe('which sources there are', () => {
  const types = {
    topic: ['AWS::SNS::Subscription'],
    bus: ['AWS::Events::EventBus', 'AWS::Events::Rule'],
    schedule: ['AWS::Scheduler::Schedule'],
  };
  const combinations: Record<string, string[]> = {
    '': [],
    queue: [],
    topic: ['topic'],
    bus: ['bus'],
    schedule: ['schedule'],
    ' bus , topic ': ['topic', 'bus'],
    'queue,topic,bus,schedule': ['topic', 'bus', 'schedule'],
  };
  for (const [sources, named] of Object.entries(combinations)) {
    test(`sources=${sources} deploys those, with the queue if there is any`, () => {
      const made = templateWith({ sources });
      for (const [source, resources] of Object.entries(types)) {
        for (const type of resources) made.resourceCountIs(type, named.includes(source) ? 1 : 0);
      }
      made.resourceCountIs('AWS::Lambda::EventSourceMapping', sources === '' ? 0 : 1);
      const undelivered = named.includes('topic') || named.includes('bus') ? 1 : 0;
      made.resourceCountIs('AWS::SQS::Queue', sources === '' ? 1 : 5 + undelivered);
      const { sources: configured } = configurationOf({ ...testConfiguration, sources });
      assert.equal(configured.includes('queue'), sources !== '');
    });
  }

  test('dev has all of them, as infra/stages.ts says', () => {
    assert.deepEqual(configurationOf({}).sources, ['queue', 'topic', 'bus', 'schedule']);
  });

  test('prod has none', () => {
    assert.deepEqual(configurationOf(prodContext).sources, []);
  });

  test('the sources change nothing of the other functions but the destination of results', () => {
    const [without, sourced] = [resourcesOf(none), resourcesOf(template)];
    for (const [id, resource] of Object.entries(without)) {
      if (/^feelingdirect(RoleDefaultPolicy|.*EventInvokeConfig|LiveEvents)/.test(id)) continue;
      if (['AWS::CloudWatch::Dashboard', 'AWS::Logs::QueryDefinition'].includes(resource.Type)) continue;
      // CDK metadata and dependencies on a policy's order aside, they are the same.
      assert.deepEqual(sourced[id]?.Properties, resource.Properties, id);
    }
  });
});

describe('the queues', () => {
  test('are encrypted, keep messages for fourteen days, and have the name of the stage', () => {
    template.allResourcesProperties('AWS::SQS::Queue', {
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 14 * day,
    });
    const names = Object.values(template.findResources('AWS::SQS::Queue')).map(
      ({ Properties }) => Properties.QueueName,
    );
    assert.deepEqual(names.sort(), [
      'feeling-answers-dev',
      'feeling-direct-dev-answers',
      'feeling-direct-dev-failed-events',
      'feeling-reactions-dev',
      'feeling-reactions-dev-failed',
      'feeling-reactions-dev-undelivered',
    ]);
  });

  test('each refuse requests without TLS', () => {
    const policies = Object.values(template.findResources('AWS::SQS::QueuePolicy'));
    assert.equal(policies.length, 6);
    for (const { Properties } of policies) {
      const [first] = Properties.PolicyDocument.Statement;
      assert.equal(first.Effect, 'Deny');
      assert.deepEqual(first.Condition, { Bool: { 'aws:SecureTransport': 'false' } });
    }
  });

  test('with removalPolicy=retain stay, and have no fixed name', () => {
    const retained = templateWith({ ...allSources, removalPolicy: 'retain' });
    retained.allResources('AWS::SQS::Queue', { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
    retained.allResourcesProperties('AWS::SQS::Queue', { QueueName: Match.absent() });
  });

  test('a reaction is delivered five times, then moved; Lambda has six times the timeout for each', () => {
    for (const [made, VisibilityTimeout] of [
      [template, 30],
      [templateWith({ ...allSources, timeoutSeconds: '29' }), 174],
    ] as const) {
      made.hasResourceProperties('AWS::SQS::Queue', {
        VisibilityTimeout,
        RedrivePolicy: { deadLetterTargetArn: arnOf('feelingreactionsfailed'), maxReceiveCount: 5 },
      });
    }
  });

  test('the URL of each is an output', () => {
    const outputs = JSON.stringify(template.findOutputs('*'));
    for (const id of Object.keys(template.findResources('AWS::SQS::Queue'))) assert(outputs.includes(id), id);
  });
});

describe('the function', () => {
  test('polls by its alias, ten at a time, at most ten at once, and reports failed records', () => {
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: arnOf('feelingreactions'),
      FunctionName: { 'Fn::Join': ['', [Match.anyValue(), ':live']] },
      BatchSize: 10,
      MaximumBatchingWindowInSeconds: 0,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 10 },
    });
    for (const [reservedConcurrency, MaximumConcurrency] of [
      ['1', 2],
      ['5', 5],
      ['50', 10],
    ] as const) {
      const made = templateWith({ ...allSources, throttleRate: '10', reservedConcurrency });
      made.hasResourceProperties('AWS::Lambda::EventSourceMapping', { ScalingConfig: { MaximumConcurrency } });
    }
  });

  test('knows the queue for answers, and is the only one with variables', () => {
    const functions = Object.values(template.findResources('AWS::Lambda::Function')).map(
      ({ Properties }) => Properties,
    );
    assert.deepEqual(
      functions.filter(({ Environment }) => Environment).map(({ FunctionName }) => FunctionName),
      ['feeling-records-dev'],
    );
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { ANSWERS_QUEUE_URL: refTo('feelinganswers') } },
    });
  });

  test('is deployed as the others are, and rolled back for records that fail too', () => {
    const groups = template.findResources('AWS::CodeDeploy::DeploymentGroup');
    const [, group] = Object.entries(groups).find(([id]) => id.startsWith('feelingrecords')) ?? assert.fail();
    const alarms = JSON.stringify(group.Properties.AlarmConfiguration.Alarms);
    for (const alarm of ['newversionerrors', 'newversionslow', 'errors']) {
      assert.match(alarms, new RegExp(`"Monitoringfeelingrecords${alarm}[0-9A-F]{8}`));
    }
  });

  test('may write its log, receive reactions and send answers, and nothing else', () => {
    template.hasResourceProperties('AWS::IAM::Policy', {
      Roles: [refTo('feelingrecordsRole')],
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Allow',
            Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
            Resource: arnOf('feelingrecordsLog'),
          },
          {
            Effect: 'Allow',
            Action: ['sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage'],
            Resource: arnOf('feelinganswers'),
          },
          {
            Effect: 'Allow',
            Action: [
              'sqs:ChangeMessageVisibility',
              'sqs:DeleteMessage',
              'sqs:GetQueueAttributes',
              'sqs:GetQueueUrl',
              'sqs:ReceiveMessage',
            ],
            Resource: arnOf('feelingreactions'),
          },
        ],
      },
    });
  });
});

test('results of asynchronous direct invocations go to a queue that only the direct function may send to', () => {
  template.allResourcesProperties('AWS::Lambda::EventInvokeConfig', {
    DestinationConfig: { OnSuccess: { Destination: arnOf('feelingdirectanswers') } },
  });
  const users = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([, policy]) =>
    JSON.stringify(policy).includes('feelingdirectanswers'),
  );
  assert.deepEqual(
    users.map(([id]) => id.replace(/[0-9A-F]{8}$/, '')),
    ['feelingdirectRoleDefaultPolicy'],
  );
});

test('in prod, every source can be named', () => {
  const made = templateOf({ ...prodContext, ...allSources });
  made.resourceCountIs('AWS::Scheduler::Schedule', 1);
  made.allResources('AWS::SQS::Queue', { DeletionPolicy: 'RetainExceptOnCreate' });
});
