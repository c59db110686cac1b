/** Both triggers behind one interface: sends a request and checks the response against the contract. */
import assert from 'node:assert/strict';
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import request from 'supertest';
import type { Contract } from '../../harness/contract.ts';

/** What comes back, whichever door it came through. */
export type Outcome =
  | { kind: 'answer'; feeling: string; message: string }
  | { kind: 'not JSON' }
  | { kind: 'too large' }
  /** Pointers to the faults, sorted. */
  | { kind: 'not valid'; pointers: string[] };

export interface Trigger {
  /** Sends a body, and holds what comes back against the contract. */
  send(body: string | Buffer): Promise<Outcome>;
  /** What a body of no bytes stands for. */
  empty: string;
  /** Whether it measures a body before it parses and validates it. */
  measuresFirst: boolean;
}

/** `POST /feeling` */
export function httpTrigger(url: string, contract: Contract): Trigger {
  const send: Trigger['send'] = async (body) => {
    const { status, headers, text } = await request(url)
      .post('/feeling')
      .serialize((bytes) => bytes)
      .set('content-type', 'application/json')
      .send(Buffer.from(body));
    contract.check({ status, headers, text });
    const answer = JSON.parse(text);
    if (status === 200) return { kind: 'answer', feeling: answer.feeling, message: answer.message };
    assert.equal(answer.status, status);
    if (status === 413) return { kind: 'too large' };
    assert.equal(status, 400);
    if (answer.type === '/problems/not-json') return { kind: 'not JSON' };
    return { kind: 'not valid', pointers: answer.errors.map(({ pointer }: { pointer: string }) => pointer).sort() };
  };
  return { send, empty: '', measuresFirst: true };
}

/** The Invoke operation, by the AWS SDK. */
export function directTrigger(client: LambdaClient, functionName: string, contract: Contract): Trigger {
  const send: Trigger['send'] = async (body) => {
    const command = new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(body) });
    const output = await client.send(command).catch((error: Error) => error);
    if (output instanceof Error) {
      assert.equal(output.name, 'InvalidRequestContentException');
      return { kind: 'not JSON' };
    }
    const payload = output.Payload?.transformToString() ?? '';
    contract.checkDirect(payload, output.FunctionError !== undefined);
    const result = JSON.parse(payload);
    if (output.FunctionError === undefined) return { kind: 'answer', feeling: result.feeling, message: result.message };
    assert.equal(result.errorType, 'InvalidEvent');
    if (result.errorMessage.includes('bytes')) return { kind: 'too large' };
    const faults = String(result.errorMessage).split('; ');
    return { kind: 'not valid', pointers: faults.map((fault) => fault.split(' ')[0] ?? '').sort() };
  };
  // Lambda gives a function an empty object where the call has no payload (PLATFORM_FACTS 3.2).
  return { send, empty: '{}', measuresFirst: false };
}
