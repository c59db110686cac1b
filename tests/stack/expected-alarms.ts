import type { Trigger } from '../../infra/function-name.ts';
import { deployedFunctions, directFunctions, recordsFunctions } from '../harness/deployed-functions.ts';

export interface ExpectedAlarm {
  /** Completes its name: `feeling-<stage>-<name>`. */
  name: string;
  /** Its section of infra/RUNBOOK.md: one for the same alarm of every operation. */
  heading: string;
  threshold: number;
  /** Of the last five. */
  minutes: number;
}

function ofFunction(name: string, trigger: Trigger, alarm: string, threshold: number): ExpectedAlarm {
  return { name: `${name}-${alarm}`, heading: `<operation>-${trigger}-${alarm}`, threshold, minutes: 3 };
}

/** The alarms that send e-mails, of a stage without sources. */
export const expectedAlarms: ExpectedAlarm[] = [
  { name: 'api-5xx', heading: 'api-5xx', threshold: 1, minutes: 3 },
  { name: 'api-slow', heading: 'api-slow', threshold: 1000, minutes: 3 },
  { name: 'api-volume', heading: 'api-volume', threshold: 1e9, minutes: 3 },
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

/** Those that a stage with all sources has too. */
export const sourceAlarms: ExpectedAlarm[] = recordsFunctions.flatMap(({ name, operationId, trigger }) => [
  ofFunction(name, trigger, 'errors', 1),
  ofFunction(name, trigger, 'slow', 500),
  ofFunction(name, trigger, 'throttled', 0),
  ...[
    { alarm: 'reactions-old', threshold: 300, minutes: 3 },
    { alarm: 'reactions-failed', threshold: 0, minutes: 1 },
    { alarm: 'reactions-undelivered', threshold: 0, minutes: 1 },
    { alarm: 'canary-missing', threshold: 1, minutes: 3 },
  ].map(({ alarm, ...more }) => ({ name: `${operationId}-${alarm}`, heading: `<operation>-${alarm}`, ...more })),
]);
