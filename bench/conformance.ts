/** Checks how far a peer meets the contract, with the same cases for each, before it is timed. */
import { z } from 'zod';
import { invalidCases, validCases } from '../tests/api/feeling.cases.ts';
import { Contract } from '../tests/harness/contract.ts';
import { feelingEvent } from './events.ts';
import { FunctionEnvironment } from './function-environment.ts';

export interface Conformance {
  cases: number;
  /** Cases with the right status and, for a 200, the right body. */
  passed: number;
  /** The names of the other cases. */
  differs: string[];
  /** The statuses whose headers or body differ from the contract. */
  formDiffers: number[];
}

interface Case {
  /** The name of the case in the results. */
  about: string;
  event: ReturnType<typeof feelingEvent>;
  status: number;
  /** The expected members of the body. */
  body?: object;
}

const valid = '{"emoji_type":0,"message":"hi"}';
const base64 = (bytes: Buffer | string) => Buffer.from(bytes).toString('base64');
const cases: Case[] = [
  ...validCases.map(({ name, json, answer }) => ({
    about: name,
    event: feelingEvent(json),
    status: 200,
    body: answer,
  })),
  ...invalidCases.map(({ name, json }) => ({
    about: name,
    event: feelingEvent(json),
    status: 400,
  })),
  ...[undefined, '', '{', '{"emoji_type":0,"message":"hi"', 'hi'].map((body) => ({
    about: 'what is not JSON',
    event: feelingEvent(body),
    status: 400,
  })),
  ...['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1'].map((type) => ({
    about: `content-type ${type}`,
    event: feelingEvent(valid, { 'content-type': type }),
    status: 415,
  })),
  { about: 'a compressed body', event: feelingEvent(valid, { 'content-encoding': 'gzip' }), status: 415 },
  { about: 'a body in base64', event: feelingEvent(base64(valid), {}, true), status: 200 },
  { about: 'a byte order mark', event: feelingEvent(`\ufeff${valid}`), status: 200 },
  {
    about: 'a body that is not UTF-8',
    event: feelingEvent(base64(Buffer.from([0x22, 0xff, 0x22])), {}, true),
    status: 400,
  },
];

/** A peer that fails one of these does not implement the operation. */
const indispensable = new Set([
  '0 is positive',
  '1 is neutral',
  '-7 is negative',
  'emoji come back',
  'both members are missing',
  'true is no number',
  'a number is no string',
  'what is not JSON',
]);

const answerShape = z.object({
  statusCode: z.number(),
  headers: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  body: z.string().default(''),
  isBase64Encoded: z.boolean().default(false),
});

/**
 * Runs the cases through the probe in a folder.
 * @throws {Error} if the peer does not implement the operation: it fails a basic request or accepts an invalid one
 */
export async function conformanceOf(name: string, directory: string): Promise<Conformance> {
  await using environment = new FunctionEnvironment({ directory, handler: 'probe.handler' });
  const { answer } = await environment.invoke({ measure: 'answers', events: cases.map(({ event }) => event) });
  const answers = z.array(answerShape.nullable().catch(null)).parse(answer);
  const contract = await Contract.read('feeling');

  const failed: string[] = [];
  const formDiffers = new Set<number>();
  for (const [index, { about, status, body = {} }] of cases.entries()) {
    const seen = answers[index];
    const text = seen?.isBase64Encoded ? Buffer.from(seen.body, 'base64').toString() : (seen?.body ?? '');
    const headers = Object.fromEntries(
      Object.entries(seen?.headers ?? {}).map(([key, value]) => [key.toLowerCase(), String(value)]),
    );
    const right = seen?.statusCode === status && holds(text, body);
    // A status of 4xx other than 400 still rejects the request.
    const refusedAtLeast = status === 400 && seen && seen.statusCode >= 400 && seen.statusCode < 500;
    if (indispensable.has(about) && !right && !refusedAtLeast) {
      throw new Error(`${name} does not implement the operation (${about}): ${JSON.stringify(seen)}`);
    }
    if (!right) {
      failed.push(about);
      continue;
    }
    try {
      // The gateway adds this header.
      contract.check({ status, headers: { 'apigw-requestid': 'BAAAAAAAIAMEMAA=', ...headers }, text });
    } catch {
      formDiffers.add(status);
    }
  }
  return {
    cases: cases.length,
    passed: cases.length - failed.length,
    differs: [...new Set(failed)],
    formDiffers: [...formDiffers],
  };
}

/** Returns whether a JSON text is an object with these members. */
function holds(text: string, members: object): boolean {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return false;
  }
  if (typeof value !== 'object' || value === null) return false;
  const seen = new Map(Object.entries(value));
  return Object.entries(members).every(([name, member]) => JSON.stringify(seen.get(name)) === JSON.stringify(member));
}
