import { batchOf } from '../api/records.cases.ts';

/** Events that a function answers and refuses, by trigger. */
const httpEvent = { version: '2.0', headers: { 'content-type': 'application/json' }, isBase64Encoded: false };
const valid = { emoji_type: 0, message: 'hi' };
const invalid = { emoji_type: 'x', message: 'hi' };
export const payloads = {
  http: {
    valid: { ...httpEvent, body: JSON.stringify(valid) },
    invalid: { ...httpEvent, body: JSON.stringify(invalid) },
  },
  direct: { valid, invalid },
  records: { valid: batchOf(JSON.stringify(valid)), invalid: batchOf(JSON.stringify(invalid)) },
};

/** Five records. Each is one point of one metric. */
export const manyRecords = batchOf(
  JSON.stringify(valid),
  JSON.stringify({ ...valid, canary: true }),
  JSON.stringify(invalid),
  'no JSON',
  JSON.stringify({ emoji_type: 1, message: 'hi' }),
);

/** The ways in which the code of a function fails: each is one failed invocation. */
export const failures: Record<string, string> = {
  'an error': 'throw new Error("boom")',
  'an error of another type': 'throw new TypeError("boom")',
  'an error with a cause': 'throw new Error("boom", { cause: new Error("deep") })',
  'an error without a name': 'throw Object.assign(new Error("boom"), { name: undefined })',
  'a text': 'throw "boom"',
  'an empty text': 'throw ""',
  'a number': 'throw 7',
  'a bigint': 'throw 7n',
  'a symbol': 'throw Symbol("boom")',
  true: 'throw true',
  'an object': 'throw { code: 7 }',
  'an object without a prototype': 'throw Object.create(null)',
  'an array': 'throw ["boom"]',
  'a function': 'throw () => {}',
  null: 'throw null',
  undefined: 'throw undefined',
  'an exit': 'process.exit(3)',
  'an uncaught error':
    'queueMicrotask(() => { throw new Error("boom"); }); return new Promise(() => setInterval(() => {}, 1000))',
  'a loop without end': 'for (;;);',
};
