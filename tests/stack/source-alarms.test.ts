/** The alarms and metrics of the event sources. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { expectedAlarms, sourceAlarms } from './expected-alarms.ts';
import { allSources, refTo } from './source-references.ts';
import { templateWith } from './synthesised-template.ts';

let template: Template;
before(() => {
  template = templateWith(allSources);
});

describe('the alarms', () => {
  const alarms = (made: Template) =>
    Object.values(made.findResources('AWS::CloudWatch::Alarm'))
      .map(({ Properties }) => Properties)
      .filter(({ AlarmActions }) => AlarmActions);

  test('are those of the runbook, and each sends e-mails', () => {
    const due = [...expectedAlarms, ...sourceAlarms].map(({ name }) => `feeling-dev-${name}`);
    assert.deepEqual(
      alarms(template)
        .map(({ AlarmName }) => AlarmName)
        .sort(),
      due.sort(),
    );
    for (const { name, threshold, minutes } of sourceAlarms) {
      const alarm = alarms(template).find(({ AlarmName }) => AlarmName === `feeling-dev-${name}`);
      assert.equal(alarm?.['Threshold'], threshold, name);
      assert.equal(alarm?.['DatapointsToAlarm'], minutes, name);
      assert.match(alarm?.['AlarmDescription'], /^.{40,}\.$/);
      assert(alarm?.['OKActions']);
    }
  });

  test('watch the age of the oldest reaction, and the queues of what failed', () => {
    const sqs = (MetricName: string, id: string) => ({
      Namespace: 'AWS/SQS',
      MetricName,
      Statistic: 'Maximum',
      Dimensions: [
        { Name: 'QueueName', Value: { 'Fn::GetAtt': [Match.stringLikeRegexp(`^${id}[0-9A-F]{8}$`), 'QueueName'] } },
      ],
    });
    const messages = 'ApproximateNumberOfMessagesVisible';
    template.hasResourceProperties('AWS::CloudWatch::Alarm', sqs('ApproximateAgeOfOldestMessage', 'feelingreactions'));
    template.hasResourceProperties('AWS::CloudWatch::Alarm', sqs(messages, 'feelingreactionsfailed'));
    template.hasResourceProperties('AWS::CloudWatch::Alarm', sqs(messages, 'feelingreactionsundelivered'));
  });

  test('fire if no canary is answered for fifteen minutes, also without data', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'feeling-dev-feeling-canary-missing',
      Namespace: 'Feeling/dev',
      MetricName: 'feeling-records-canaries',
      Statistic: 'Sum',
      Period: 300,
      EvaluationPeriods: 3,
      DatapointsToAlarm: 3,
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
    });
    const others = alarms(templateWith({ sources: 'topic,bus' })).map(({ AlarmName }) => AlarmName);
    assert(!others.includes('feeling-dev-feeling-canary-missing'));
  });

  test('a canary is counted apart from the feelings of people', () => {
    const filter = (MetricName: string, FilterPattern: string) => ({
      FilterPattern,
      LogGroupName: refTo('feelingrecordsLog'),
      MetricTransformations: [Match.objectLike({ MetricName })],
    });
    template.hasResourceProperties(
      'AWS::Logs::MetricFilter',
      filter('feeling-records-canaries', '{ $.message.canary IS TRUE }'),
    );
    template.hasResourceProperties(
      'AWS::Logs::MetricFilter',
      filter('feelings', '{ $.message.feeling = "*" && $.message.canary NOT EXISTS }'),
    );
  });
});
