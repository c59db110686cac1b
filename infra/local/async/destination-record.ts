import { functionArn, latest } from '../aws/arn.ts';
import type { InvokeTarget } from '../cloud-assembly/stack-model.ts';

/**
 * Why an event is at a destination. `RuntimeStopped` is not one of AWS's: the local runtime stopped before the event
 * ended.
 */
export type DestinationCondition =
  | 'Success'
  | 'RetriesExhausted'
  | 'EventAgeExceeded'
  | 'ZeroReservedConcurrency'
  | 'RuntimeStopped';

export interface DestinationRecord {
  timestamp: Date;
  requestId: string;
  target: InvokeTarget;
  condition: DestinationCondition;
  /** How often the function was invoked with it. */
  attempts: number;
  /** JSON, as the caller sent it. */
  requestPayload: string;
  /** The result of the last attempt, if there was one. Its payload is JSON unless the function streams. */
  response?: { failed: boolean; payload: string } | undefined;
}

/**
 * Returns the record that Lambda sends to the destination of an asynchronous invocation, on one line (docs:
 * invocation-async-retain-records).
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

/**
 * Returns the same JSON on one line: a line end in JSON is always white space, as a string cannot contain one. A streamed
 * result may be anything. If it is not JSON, it becomes a JSON string; what Lambda does with it is not documented (?).
 */
function onOneLine(text: string): string {
  try {
    JSON.parse(text);
  } catch {
    return JSON.stringify(text);
  }
  return text.replace(/[\r\n]+/g, ' ');
}
