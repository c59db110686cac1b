/** What sends to the queue for reactions, and what it may do: the topic, the bus and the schedule. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { allSources, arnOf, refTo } from './source-references.ts';
import { templateWith } from './synthesised-template.ts';

let template: Template;
before(() => {
  template = templateWith(allSources);
});

describe('who may send to the queue for reactions', () => {
  test('SNS from this topic, EventBridge from this rule, and no other service', () => {
    const allowed = (id: string) =>
      Object.values(template.findResources('AWS::SQS::QueuePolicy'))
        .filter(({ Properties }) => new RegExp(`"${id}[0-9A-F]{8}"`).test(JSON.stringify(Properties.Queues)))
        .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
        .filter(({ Effect }) => Effect === 'Allow')
        .map(({ Principal, Condition }) => [
          Principal.Service,
          JSON.stringify(Condition.ArnEquals['aws:SourceArn']).replaceAll(/[0-9A-F]{8}"/g, '"'),
        ]);
    const expected = [
      ['sns.amazonaws.com', '{"Ref":"feelingreactionstopic"}'],
      ['events.amazonaws.com', '{"Fn::GetAtt":["feelingreactionsrule","Arn"]}'],
    ];
    assert.deepEqual(allowed('feelingreactions'), expected);
    assert.deepEqual(allowed('feelingreactionsundelivered'), expected);
    for (const id of ['feelingreactionsfailed', 'feelinganswers', 'feelingdirectanswers']) {
      assert.deepEqual(allowed(id), []);
    }
  });

  test('the schedule, by a role that can do nothing else and that only schedules of this account get', () => {
    template.hasResourceProperties('AWS::IAM::Policy', {
      Roles: [refTo('feelingcanaryrole')],
      PolicyDocument: {
        Statement: [{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: arnOf('feelingreactions') }],
      },
    });
    template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Effect: 'Allow',
            Action: 'sts:AssumeRole',
            Principal: { Service: 'scheduler.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
          },
        ],
      },
    });
  });

  test('no permission has a wildcard', () => {
    for (const type of ['AWS::IAM::Policy', 'AWS::IAM::Role', 'AWS::Lambda::Permission']) {
      assert.doesNotMatch(JSON.stringify(template.findResources(type)), /\*/);
    }
  });
});

test('the topic is encrypted, accepts TLS only, and sends each message as it is, or to the undelivered ones', () => {
  template.hasResourceProperties('AWS::SNS::Topic', {
    TopicName: 'feeling-reactions-dev',
    KmsMasterKeyId: 'alias/aws/sns',
  });
  template.hasResourceProperties('AWS::SNS::TopicPolicy', {
    Topics: [refTo('feelingreactionstopic')],
    PolicyDocument: {
      Statement: [
        Match.objectLike({
          Effect: 'Deny',
          Action: 'sns:Publish',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
      ],
    },
  });
  const subscription = {
    Protocol: 'sqs',
    Endpoint: arnOf('feelingreactions'),
    RawMessageDelivery: true,
    RedrivePolicy: { deadLetterTargetArn: arnOf('feelingreactionsundelivered') },
  };
  template.hasResourceProperties('AWS::SNS::Subscription', { ...subscription, FilterPolicy: Match.absent() });
  const filtered = templateWith({ ...allSources, topicFilter: '{"kind":["reaction",{"prefix":"r-"}]}' });
  filtered.hasResourceProperties('AWS::SNS::Subscription', {
    ...subscription,
    FilterPolicy: { kind: ['reaction', { prefix: 'r-' }] },
  });
});

test('the bus sends the detail of reactions to the queue, or the event to the undelivered ones', () => {
  template.hasResourceProperties('AWS::Events::EventBus', { Name: 'feeling-reactions-dev' });
  template.hasResourceProperties('AWS::Events::Rule', {
    EventBusName: refTo('feelingreactionsbus'),
    EventPattern: { 'detail-type': ['Reaction'] },
    State: 'ENABLED',
    Targets: [
      {
        Id: 'Target0',
        Arn: arnOf('feelingreactions'),
        InputPath: '$.detail',
        DeadLetterConfig: { Arn: arnOf('feelingreactionsundelivered') },
      },
    ],
  });
});

test('the schedule sends a canary every five minutes, as the contract has requests', () => {
  template.hasResourceProperties('AWS::Scheduler::Schedule', {
    Name: 'feeling-reactions-dev-canary',
    ScheduleExpression: 'rate(5 minutes)',
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: {
      Arn: arnOf('feelingreactions'),
      RoleArn: arnOf('feelingcanaryrole'),
      Input: Match.serializedJson({ emoji_type: 1, message: 'canary', canary: true }),
      RetryPolicy: { MaximumEventAgeInSeconds: 300, MaximumRetryAttempts: 3 },
    },
  });
});
