import { Alarm, CfnAlarm, MathExpression, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnVersion } from 'aws-cdk-lib/aws-lambda';
import { Duration, Lazy, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { aboveThreshold } from './above-threshold.ts';
import type { FeelingFunction } from './feeling-function.ts';
import type { FunctionMetrics } from './function-metrics.ts';

/** Fires while a canary still meets a tenth of the traffic: metrics come two minutes late. */
const twoOfThreeMinutes = { evaluationPeriods: 3, datapointsToAlarm: 2 };

/**
 * Makes the alarms on the version that a deployment brings into service. Each version gets alarms of its own: an alarm
 * that fires for the version in service would stop the deployment of its fix (PLATFORM_FACTS 8.5).
 */
export function newVersionAlarms(scope: Construct, fn: FeelingFunction, metrics: FunctionMetrics): Alarm[] {
  const alarms = [
    new Alarm(scope, `${fn.node.id}-new-version-errors`, {
      ...aboveThreshold,
      ...twoOfThreeMinutes,
      alarmDescription: 'Rolls a deployment back: more than 1 % of the invocations of the new version fail.',
      metric: errorRate(fn, metrics),
      threshold: 1,
    }),
    new Alarm(scope, `${fn.node.id}-new-version-slow`, {
      ...aboveThreshold,
      ...twoOfThreeMinutes,
      alarmDescription: 'Rolls a deployment back: one invocation of the new version in a hundred runs for over 0.5 s.',
      metric: metrics.ofNewVersion('Duration', Stats.p(99)),
      threshold: 500,
    }),
  ];
  for (const alarm of alarms) identifyByVersion(alarm, fn);
  return alarms;
}

function errorRate({ trigger }: FeelingFunction, metrics: FunctionMetrics): MathExpression {
  const errors = metrics.ofNewVersion('Errors');
  const invocations = metrics.ofNewVersion('Invocations');
  const options = { label: 'failed invocations of the new version, %', period: Duration.minutes(1) };
  const { invalidEvents } = metrics;
  // Only a direct invocation fails by an invalid event.
  if (trigger !== 'direct' || !invalidEvents) {
    return new MathExpression({
      ...options,
      expression: '100 * errors / invocations',
      usingMetrics: { errors, invocations },
    });
  }
  return new MathExpression({
    ...options,
    // The log does not say which version got an invalid event. All are subtracted: a deployment is never rolled back
    // for its callers' events.
    expression: '100 * IF(errors > FILL(invalidEvents, 0), errors - FILL(invalidEvents, 0), 0) / invocations',
    usingMetrics: { errors, invalidEvents, invocations },
  });
}

/** Ends the alarm's logical id with the hash of the version's, so that a new version gets a new alarm. */
function identifyByVersion(alarm: Alarm, { live }: FeelingFunction): void {
  const resource = alarm.node.defaultChild;
  const version = live.version.node.defaultChild;
  if (!(resource instanceof CfnAlarm && version instanceof CfnVersion)) {
    throw new Error(`${alarm.node.path} is not an alarm on a version`);
  }
  const stack = Stack.of(alarm);
  const ownId = String(stack.resolve(resource.logicalId));
  // Lazy, since the CDK knows the hash only when the function is complete.
  const produce = () => `${ownId}${String(stack.resolve(version.logicalId)).slice(-32)}`;
  resource.overrideLogicalId(Lazy.uncachedString({ produce }));
}
