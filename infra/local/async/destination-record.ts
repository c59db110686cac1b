import { functionArn, latest } from '../aws/arn.ts';
import type { InvokeTarget } from '../cloud-assembly/stack-model.ts';

/** Why an event is at a destination. `RuntimeStopped` is ours: the local runtime was stopped before its end. */
export type DestinationCondition = 'Success' | 'RetriesExhausted' | 'EventAgeExceeded' | 'RuntimeStopped';

export interface DestinationRecord {
  timestamp: Date;
  requestId: string;
  target: InvokeTarget;
  condition: DestinationCondition;
  /** How often the function was invoked with the event. */
  attempts: number;
  /** JSON, as it was accepted. */
  requestPayload: string;
  /** The last attempt's result, where there was one. */
  response?: { failed: boolean; payload: string } | undefined;
}

/**
 * What Lambda sends to the destination of an asynchronous invocation, on one line
 * (docs: invocation-async-retain-records).
 */
export function destinationRecord(record: DestinationRecord): string {
  const { timestamp, requestId, target, condition, attempts, requestPayload, response } = record;
  const qualifiedArn = functionArn({ name: target.function.name, qualifier: target.qualifier ?? latest });
  const members = [
    ['version', '"1.0"'],
    ['timestamp', JSON.stringify(timestamp)],
    [
      'requestContext',
      JSON.stringify({ requestId, functionArn: qualifiedArn, condition, approximateInvokeCount: attempts }),
    ],
    ['requestPayload', onOneLine(requestPayload)],
  ];
  if (response) {
    const functionError = response.failed ? { functionError: 'Unhandled' } : {};
    members.push(
      ['responseContext', JSON.stringify({ statusCode: 200, executedVersion: target.version, ...functionError })],
      ['responsePayload', onOneLine(response.payload)],
    );
  }
  return `{${members.map(([name, json]) => `"${name}":${json}`).join(',')}}`;
}

/** The same JSON: a line end can stand between its values only, never within a string. */
function onOneLine(json: string): string {
  return json.replace(/[\r\n]+/g, ' ');
}
