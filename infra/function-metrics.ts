import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Duration } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { FeelingFunction } from './feeling-function.ts';

const minute = Duration.minutes(1);

/** To Lambda an invalid event of a caller is an error of the function. To us it is not. */
const invalidEvent = '{ $.message.errorType = "InvalidEvent" }';

/**
 * Lines of failed invocations. `!=` does not match a line without the field, and a thrown text leaves such a line
 * (PLATFORM_FACTS 8.5). A timeout, an exit and a lack of memory leave only Lambda's report.
 */
const failedInvocation =
  '{ (($.level = "ERROR" || $.level = "FATAL") && ' +
  '($.message.errorType NOT EXISTS || $.message.errorType != "InvalidEvent")) || ' +
  '($.type = "platform.report" && ($.record.status = "timeout" || $.record.errorType = "Runtime.*")) }';

/** Lines with a feeling, without those of canaries. */
const ofPeople = '{ $.message.feeling = "*" && $.message.canary NOT EXISTS }';

/** The metrics of a function, each a point per minute. Those of all versions together, unless they say otherwise. */
export class FunctionMetrics {
  /** Failed invocations, counted from the log. */
  readonly errors: Metric;
  /** Direct invocations and records that do not match the contract, counted from the log. */
  readonly invalidEvents: Metric | undefined;
  /** Canaries whose answer is confirmed, counted from the log. Only the function for records has any. */
  readonly canaries: Metric | undefined;
  readonly coldStarts: Metric;
  readonly invocations: Metric;
  readonly throttles: Metric;
  readonly concurrency: Metric;
  private readonly fn: FeelingFunction;

  constructor(scope: Construct, namespace: string, fn: FeelingFunction) {
    this.fn = fn;
    const name = fn.node.id;
    const { handler, logGroup } = fn;
    const counted = (id: string, metricName: string, pattern: string) =>
      new MetricFilter(scope, id, {
        logGroup,
        metricNamespace: namespace,
        metricName,
        filterPattern: FilterPattern.literal(pattern),
        metricValue: '1',
        defaultValue: 0,
      }).metric({ statistic: Stats.SUM, period: minute });
    this.errors = counted(`${name}-error-lines`, `${name}-errors`, failedInvocation);
    this.invalidEvents =
      fn.trigger === 'http' ? undefined : counted(`${name}-invalid-events`, `${name}-invalid-events`, invalidEvent);
    this.canaries =
      fn.trigger === 'records'
        ? counted(`${name}-canaries`, `${name}-canaries`, '{ $.message.canary IS TRUE }')
        : undefined;
    this.coldStarts = counted(
      `${name}-cold-starts`,
      `${name}-cold-starts`,
      '{ $.type = "platform.report" && $.record.metrics.initDurationMs > 0 }',
    );
    // The mix of feelings: one metric with a dimension for each feeling.
    new MetricFilter(scope, `${name}-feelings`, {
      logGroup,
      metricNamespace: namespace,
      metricName: 'feelings',
      filterPattern:
        fn.trigger === 'records' ? FilterPattern.literal(ofPeople) : FilterPattern.exists('$.message.feeling'),
      metricValue: '1',
      dimensions: { feeling: '$.message.feeling' },
    });
    this.invocations = handler.metricInvocations({ period: minute });
    this.throttles = handler.metricThrottles({ period: minute });
    this.concurrency = handler.metric('ConcurrentExecutions', { period: minute, statistic: Stats.MAXIMUM });
  }

  /** Returns the duration of invocations in ms, without initialisation: `Duration` has no cold starts. */
  duration(statistic: string): Metric {
    return this.fn.handler.metricDuration({ period: minute, statistic });
  }

  /**
   * Returns a metric of Lambda for the version that a deployment brings into service, and for no other. Lambda has it
   * while the alias divides the traffic between two versions (docs: monitoring-metrics-types, `ExecutedVersion`).
   */
  ofNewVersion(metricName: 'Duration' | 'Errors' | 'Invocations', statistic: string = Stats.SUM): Metric {
    const { handler, live } = this.fn;
    return new Metric({
      namespace: 'AWS/Lambda',
      metricName,
      statistic,
      period: minute,
      dimensionsMap: {
        FunctionName: handler.functionName,
        Resource: `${handler.functionName}:${live.aliasName}`,
        ExecutedVersion: live.version.version,
      },
    });
  }
}
