import type { HttpApi, HttpStage } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  Alarm,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  type IAlarm,
  type IMetric,
  MathExpression,
  type Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { FilterPattern, type ILogGroup, MetricFilter, QueryDefinition, QueryString } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Duration, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { Configuration } from './configuration.ts';
import { type FeelingFunction, removalPolicyOf } from './feeling-function.ts';

export interface MonitoringProps {
  configuration: Configuration;
  api: HttpApi;
  stage: HttpStage;
}

interface AlarmOptions {
  /** Completes the alarm's name: `feeling-<stage>-<name>`. infra/RUNBOOK.md says what to do when it fires. */
  name: string;
  /** Why it matters, and what it hints at. */
  description: string;
  metric: IMetric;
  /** Fires at more than that. */
  above: number;
  /** Minutes out of the last five that must be so. @default 3, so that a single bad minute wakes nobody */
  minutes?: number;
}

const minute = Duration.minutes(1);

/** What tells that the service is ill, and why: alarms, a dashboard, saved queries. */
export class Monitoring extends Construct {
  private readonly configuration: Configuration;
  private readonly namespace: string;
  private readonly topic: Topic;
  private readonly dashboard: Dashboard;
  private readonly logGroups: ILogGroup[] = [];

  constructor(scope: Construct, id: string, { configuration, api, stage }: MonitoringProps) {
    super(scope, id);
    this.configuration = configuration;
    this.namespace = `Feeling/${configuration.stage}`;
    this.topic = this.alarmTopic();
    this.dashboard = new Dashboard(this, 'Dashboard', { dashboardName: `feeling-${configuration.stage}` });
    this.watchApi(api, stage);
  }

  /** Watches a function. @returns the alarms that say that a new version of it is worse than the one before */
  watchFunction({ node, handler, live, logGroup }: FeelingFunction): IAlarm[] {
    this.logGroups.push(logGroup);
    const name = node.id;
    const faults = this.countLines(
      `${name}-faults`,
      logGroup,
      FilterPattern.literal(
        // A caller's invalid event is a function error, but no fault of the function. What ends the process
        // leaves no line of the function's own, only Lambda's report.
        '{ ($.level = "ERROR" && $.message.errorType != "InvalidEvent") || ' +
          '($.type = "platform.report" && ($.record.status = "timeout" || $.record.errorType = "Runtime.*")) }',
      ),
    );
    const coldStarts = this.countLines(
      `${name}-cold-starts`,
      logGroup,
      FilterPattern.literal('{ $.type = "platform.report" && $.record.metrics.initDurationMs > 0 }'),
    );
    const duration = (statistic: string) => live.metricDuration({ period: minute, statistic });
    const invocations = live.metricInvocations({ period: minute });
    const throttles = handler.metricThrottles({ period: minute });

    const errors = this.alarm({
      name: `${name}-errors`,
      description:
        'More than 1 % of the invocations failed, of themselves or for lack of time: the code or its memory and timeout.',
      metric: new MathExpression({
        label: 'failed invocations, %',
        expression: '100 * faults / invocations',
        usingMetrics: { faults, invocations },
        period: minute,
      }),
      above: 1,
    });
    const slow = this.alarm({
      name: `${name}-slow`,
      description: 'One invocation in a hundred took more than half a second of work: cold starts, or code that waits.',
      metric: duration(Stats.p(99)),
      above: 500,
    });
    this.alarm({
      name: `${name}-throttled`,
      description:
        'Invocations were refused for want of concurrency: a burst of traffic, or too little of it reserved.',
      metric: throttles,
      above: 0,
    });

    const feelings = new MetricFilter(this, `${name}-feelings`, {
      logGroup,
      metricNamespace: this.namespace,
      metricName: 'feelings',
      filterPattern: FilterPattern.exists('$.message.feeling'),
      metricValue: '1',
      dimensions: { feeling: '$.message.feeling' },
    });
    const feeling = (value: string) =>
      feelings.metric({ dimensionsMap: { feeling: value }, statistic: Stats.SUM, period: minute, label: value });
    this.dashboard.addWidgets(
      this.graph(`${name}: duration, ms`, [duration(Stats.p(50)), duration(Stats.p(90)), duration(Stats.p(99))]),
      this.graph(`${name}: invocations, faults, throttles, cold starts`, [invocations, faults, throttles, coldStarts]),
      this.graph(`${name}: concurrency`, [
        handler.metric('ConcurrentExecutions', { period: minute, statistic: Stats.MAXIMUM }),
      ]),
      this.graph('Feelings', ['positive', 'neutral', 'negative'].map(feeling)),
    );
    return [errors, slow];
  }

  /** Watches the queue of events that were given up. */
  watchQueue(queue: Queue): void {
    const waiting = queue.metricApproximateNumberOfMessagesVisible({ period: minute, statistic: Stats.MAXIMUM });
    this.alarm({
      name: queue.node.id,
      description: 'Events that nobody waited for were given up, and wait in the queue for somebody to look at them.',
      metric: waiting,
      above: 0,
      minutes: 1,
    });
    this.dashboard.addWidgets(this.graph(`${queue.node.id}: waiting`, [waiting]));
  }

  /** Saves the queries; to be called when every function is watched. */
  finish(): void {
    const query = (id: string, name: string, queryString: QueryString) =>
      new QueryDefinition(this, id, {
        queryDefinitionName: `feeling-${this.configuration.stage}/${name}`,
        logGroups: this.logGroups,
        queryString,
      });
    query(
      'SlowestRequests',
      'slowest requests',
      new QueryString({
        fields: [
          '@timestamp',
          'record.requestId',
          'record.metrics.durationMs',
          'record.metrics.initDurationMs',
          '@log',
        ],
        filterStatements: ['type = "platform.report"'],
        sort: 'record.metrics.durationMs desc',
        limit: 50,
      }),
    );
    query(
      'ErrorsByType',
      'errors by type',
      new QueryString({
        filterStatements: ['level = "ERROR" or record.status in ["timeout", "failure"]'],
        statsStatements: [
          'count(*) as errors by coalesce(message.errorType, record.errorType, record.status) as errorType, @log',
        ],
        sort: 'errors desc',
      }),
    );
    query(
      'ColdStarts',
      'cold starts',
      new QueryString({
        filterStatements: ['type = "platform.report"', 'ispresent(record.metrics.initDurationMs)'],
        statsStatements: [
          'count(*) as coldStarts, avg(record.metrics.initDurationMs) as averageMs, max(record.metrics.initDurationMs) as longestMs by bin(5m)',
        ],
      }),
    );
  }

  private watchApi(api: HttpApi, stage: HttpStage): void {
    const latency = (statistic: string) => stage.metricLatency({ period: minute, statistic });
    const count = stage.metricCount({ period: minute });
    const clientErrors = stage.metricClientError({ period: minute });
    const serverErrors = stage.metricServerError({ period: minute });
    this.alarm({
      name: 'api-5xx',
      description: 'More than 1 % of the requests were answered with a 5xx: the function fails, or cannot be invoked.',
      metric: new MathExpression({
        label: '5xx, %',
        expression: '100 * serverErrors / requests',
        usingMetrics: { serverErrors, requests: count },
        period: minute,
      }),
      above: 1,
    });
    this.alarm({
      name: 'api-slow',
      description: 'One request in a hundred took more than a second: cold starts, throttling, or the function waits.',
      metric: latency(Stats.p(99)),
      above: 1000,
    });
    this.dashboard.addWidgets(
      this.graph(`${api.httpApiName}: requests, 4xx, 5xx`, [count, clientErrors, serverErrors]),
      this.graph('Latency, ms', [latency(Stats.p(50)), latency(Stats.p(90)), latency(Stats.p(99))]),
      this.graph('Integration latency, ms', [
        stage.metricIntegrationLatency({ period: minute, statistic: Stats.p(50) }),
        stage.metricIntegrationLatency({ period: minute, statistic: Stats.p(99) }),
      ]),
    );
  }

  private alarm({ name, description, metric, above, minutes = 3 }: AlarmOptions): Alarm {
    const alarm = new Alarm(this, name, {
      alarmName: `feeling-${this.configuration.stage}-${name}`,
      alarmDescription: description,
      metric,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      threshold: above,
      evaluationPeriods: 5,
      datapointsToAlarm: minutes,
      // No traffic is no news.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
    alarm.addOkAction(new SnsAction(this.topic));
    return alarm;
  }

  /** Where alarms go. CloudWatch can use a key of ours only: AWS's own for SNS does not let it in. */
  private alarmTopic(): Topic {
    const key = new Key(this, 'AlarmKey', {
      description: `Encrypts the alarms of feeling-${this.configuration.stage}`,
      enableKeyRotation: true,
      removalPolicy: removalPolicyOf(this.configuration),
    });
    const topic = new Topic(this, 'Alarms', {
      topicName: `feeling-${this.configuration.stage}-alarms`,
      masterKey: key,
      enforceSSL: true,
    });
    // It may use the key too, then; and an alarm of another account may not.
    const conditions = { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } };
    topic.grantPublish(new ServicePrincipal('cloudwatch.amazonaws.com', { conditions }));
    if (this.configuration.alarmEmail) topic.addSubscription(new EmailSubscription(this.configuration.alarmEmail));
    return topic;
  }

  private countLines(
    metricName: string,
    logGroup: ILogGroup,
    filterPattern: ReturnType<typeof FilterPattern.literal>,
  ): Metric {
    return new MetricFilter(this, metricName, {
      logGroup,
      metricNamespace: this.namespace,
      metricName,
      filterPattern,
      metricValue: '1',
      defaultValue: 0,
    }).metric({ statistic: Stats.SUM, period: minute });
  }

  private graph(title: string, left: IMetric[]): GraphWidget {
    return new GraphWidget({ title, left, width: 6 });
  }
}
