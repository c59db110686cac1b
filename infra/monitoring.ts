import type { HttpApi, HttpStage } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  Alarm,
  Dashboard,
  GraphWidget,
  type IAlarm,
  type IMetric,
  MathExpression,
  SearchExpression,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Duration, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { aboveThreshold } from './above-threshold.ts';
import { alarmTopic } from './alarm-topic.ts';
import type { Configuration } from './configuration.ts';
import type { FeelingFunction } from './feeling-function.ts';
import { FunctionMetrics } from './function-metrics.ts';
import { newVersionAlarms } from './new-version-alarms.ts';
import { canaryAlarm, queueAlarms, waiting } from './reaction-alarms.ts';
import { canaryMinutes } from './reaction-canary.ts';
import type { ReactionSources } from './reaction-sources.ts';
import { savedQueries } from './saved-queries.ts';

export interface MonitoringProps {
  configuration: Configuration;
  api: HttpApi;
  stage: HttpStage;
  functions: FeelingFunction[];
  /** Queues of failed events. */
  queues: Queue[];
  sources: ReactionSources[];
}

interface AlarmOptions {
  /** Completes the alarm's name: `feeling-<stage>-<name>`. infra/RUNBOOK.md says what to do when it fires. */
  name: string;
  /** What happens, and the likely causes. */
  description: string;
  metric: IMetric;
  /** Fires above this value. */
  above: number;
  /** Minutes of the last five that must be above it. @default 3, so that one bad minute wakes nobody */
  minutes?: number;
}

const minute = Duration.minutes(1);

/** Alarms, a dashboard and saved queries. */
export class Monitoring extends Construct {
  private readonly stage: string;
  private readonly topic: Topic;
  private readonly rollback = new Map<FeelingFunction, IAlarm[]>();

  constructor(
    scope: Construct,
    id: string,
    { configuration, api, stage, functions, queues, sources }: MonitoringProps,
  ) {
    super(scope, id);
    this.stage = configuration.stage;
    this.topic = alarmTopic(this, configuration);
    const namespace = `Feeling/${configuration.stage}`;
    const metrics = new Map<FeelingFunction, FunctionMetrics>();
    const metricsOf = (fn: FeelingFunction) => {
      const made = metrics.get(fn) ?? new FunctionMetrics(this, namespace, fn);
      metrics.set(fn, made);
      return made;
    };
    const graphs = [
      ...this.watchApi(api, stage),
      ...functions.flatMap((fn) => this.watchFunction(fn, metricsOf(fn))),
      ...queues.map((queue) => this.watchQueue(queue)),
      ...sources.flatMap((reactions) => this.watchSources(reactions, metricsOf(reactions.fn))),
      // Finds the feelings of all functions, whichever the contract has.
      graph('Feelings', [
        new SearchExpression({
          expression: `SEARCH('{${namespace},feeling} MetricName="feelings"', 'Sum', 60)`,
          period: minute,
        }),
      ]),
    ];
    const dashboard = new Dashboard(this, 'Dashboard', {
      // With the region: names of dashboards are unique in an account.
      dashboardName: `feeling-${configuration.stage}-${Stack.of(this).region}`,
    });
    dashboard.addWidgets(...graphs);
    const logGroups = functions.map(({ logGroup }) => logGroup);
    savedQueries(this, `feeling-${configuration.stage}`, logGroups);
  }

  /** Returns the alarms that end a deployment of the function and move its alias back. */
  rollbackAlarms(fn: FeelingFunction): IAlarm[] {
    return this.rollback.get(fn) ?? [];
  }

  private watchApi(api: HttpApi, stage: HttpStage): GraphWidget[] {
    const latency = (statistic: string) => stage.metricLatency({ period: minute, statistic });
    const requests = stage.metricCount({ period: minute });
    const clientErrors = stage.metricClientError({ period: minute });
    const serverErrors = stage.metricServerError({ period: minute });
    this.alarm({
      name: 'api-5xx',
      description: 'More than 1 % of the responses are 5xx: the function fails, or cannot be invoked.',
      metric: new MathExpression({
        label: '5xx, %',
        expression: '100 * serverErrors / requests',
        usingMetrics: { serverErrors, requests },
        period: minute,
      }),
      above: 1,
    });
    this.alarm({
      name: 'api-slow',
      description: 'One request in a hundred takes more than a second: cold starts, or the function is slow.',
      metric: latency(Stats.p(99)),
      above: 1000,
    });
    const processed = stage.metricDataProcessed({ period: minute });
    this.alarm({
      name: 'api-volume',
      description: 'More than 1 GB a minute goes through the API: somebody sends or asks for much, which costs.',
      metric: processed,
      above: 1e9,
    });
    return [
      graph(`${api.httpApiName}: requests, 4xx, 5xx`, [requests, clientErrors, serverErrors]),
      graph('Latency, ms', [latency(Stats.p(50)), latency(Stats.p(90)), latency(Stats.p(99))]),
      graph('Integration latency, ms', [
        stage.metricIntegrationLatency({ period: minute, statistic: Stats.p(50) }),
        stage.metricIntegrationLatency({ period: minute, statistic: Stats.p(99) }),
      ]),
      graph('Volume, bytes a minute', [processed]),
    ];
  }

  private watchFunction(fn: FeelingFunction, metrics: FunctionMetrics): GraphWidget[] {
    const name = fn.node.id;
    const { errors, invocations, throttles, coldStarts, invalidEvents, concurrency } = metrics;
    const errorAlarm = this.alarm({
      name: `${name}-errors`,
      description: 'More than 1 % of the invocations fail: an error in the code, a timeout, or too little memory.',
      metric: new MathExpression({
        label: 'failed invocations, %',
        expression: '100 * errors / invocations',
        usingMetrics: { errors, invocations },
        period: minute,
      }),
      above: 1,
    });
    this.alarm({
      name: `${name}-slow`,
      description: 'One invocation in a hundred runs for more than half a second, its cold start not included.',
      metric: metrics.duration(Stats.p(99)),
      above: 500,
    });
    this.alarm({
      name: `${name}-throttled`,
      description: 'Lambda refuses invocations: a burst of traffic, or too little concurrency.',
      metric: throttles,
      above: 0,
    });
    this.rollback.set(fn, [
      ...newVersionAlarms(this, fn, metrics),
      // A 500 or a record that is returned as failed is no error to Lambda: only the log has it.
      ...(fn.trigger === 'direct' ? [] : [errorAlarm]),
    ]);
    return [
      graph(
        `${name}: duration, ms`,
        [50, 90, 99].map((percent) => metrics.duration(Stats.p(percent))),
      ),
      graph(`${name}: invocations, errors, throttles, cold starts`, [
        invocations,
        errors,
        throttles,
        coldStarts,
        ...(invalidEvents ? [invalidEvents] : []),
      ]),
      graph(`${name}: concurrency`, [concurrency]),
    ];
  }

  private watchSources(sources: ReactionSources, { canaries }: FunctionMetrics): GraphWidget[] {
    const { operationId, hasCanary } = sources;
    const alarms = queueAlarms(sources);
    for (const alarm of alarms) this.alarm(alarm);
    const counted = hasCanary && canaries?.with({ period: Duration.minutes(canaryMinutes) });
    if (counted) this.mail(canaryAlarm(this, this.stage, operationId, counted));
    return [
      graph(`${operationId}-reactions: waiting`, [waiting(sources.queue)]),
      ...alarms.map(({ name, metric }) => graph(name, [metric])),
      ...(counted ? [graph(`${operationId}-canary: answered`, [counted])] : []),
    ];
  }

  private watchQueue(queue: Queue): GraphWidget {
    const messages = waiting(queue);
    this.alarm({
      name: queue.node.id,
      description: 'The retries of asynchronous events failed. The events are in the queue for failed events.',
      metric: messages,
      above: 0,
      minutes: 1,
    });
    return graph(`${queue.node.id}: messages`, [messages]);
  }

  private alarm({ name, description, metric, above, minutes = 3 }: AlarmOptions): Alarm {
    const alarm = new Alarm(this, name, {
      ...aboveThreshold,
      alarmName: `feeling-${this.stage}-${name}`,
      alarmDescription: description,
      metric,
      threshold: above,
      evaluationPeriods: 5,
      datapointsToAlarm: minutes,
    });
    this.mail(alarm);
    return alarm;
  }

  /** Has an alarm send e-mails when it fires and when it is over. */
  private mail(alarm: Alarm): void {
    alarm.addAlarmAction(new SnsAction(this.topic));
    alarm.addOkAction(new SnsAction(this.topic));
  }
}

function graph(title: string, left: IMetric[]): GraphWidget {
  return new GraphWidget({ title, left, width: 6 });
}
