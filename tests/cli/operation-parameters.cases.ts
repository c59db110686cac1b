/** Requests for the operation of operation-parameters.yaml. */
export interface ParameterCase {
  /** Completes the title of the test. */
  what: string;
  /** @default `/things/7/true/a` */
  path?: string;
  /** @default `min=0` */
  query?: string;
  /** @default `x-tone: soft` */
  headers?: Record<string, string>;
}

/** Valid requests, and values that differ from those of the plain one. */
export const validCases: (ParameterCase & { values: Record<string, unknown> })[] = [
  { what: 'only what is required', values: {} },
  { what: 'a greedy path', path: '/things/7/true/a/b%20c', values: { rest: 'a/b c' } },
  { what: 'a path that is decoded', path: '/things/%37/true/%CE%BB', values: { rest: 'λ' } },
  { what: 'false', path: '/things/7/false/a', values: { flag: false } },
  { what: 'a repeated array', query: 'min=0&ids=1&ids=2', values: { ids: [1, 2] } },
  { what: 'a repeated array of one item', query: 'min=0&ids=1', values: { ids: [1] } },
  { what: 'an array with commas', query: 'min=0&csv=a,b%2Cc,,d+e', values: { csv: ['a', 'b,c', '', 'd e'] } },
  { what: 'an array with pipes', query: 'min=0&pipes=1|2.5%7C-3', values: { pipes: [1, 2.5, -3] } },
  { what: 'an array with spaces', query: 'min=0&spaces=true%20false+true', values: { spaces: [true, false, true] } },
  {
    what: 'an array in a header',
    headers: { 'X-TONE': 'loud', 'x-levels': '1, 2,3' },
    values: { 'X-Tone': 'loud', 'X-Levels': [1, 2, 3] },
  },
  { what: 'an exponent', query: 'min=5e-1', values: { min: 0.5 } },
  { what: 'an integer with a fraction of zero', query: 'min=0&limit=1.0', values: { limit: 1 } },
  {
    what: 'texts',
    query: 'min=0&feeling=neutral&day=2026-11-27&code=abc&all=true',
    values: { feeling: 'neutral', day: '2026-11-27', code: 'abc', all: true },
  },
  { what: 'parameters that the contract does not have', query: 'min=0&more=1&__proto__=2&limit[]=3', values: {} },
  { what: 'an encoded name', query: 'm%69n=0.25', values: { min: 0.25 } },
];

/** Invalid requests, and the errors of the response. */
export const invalidCases: (ParameterCase & { errors: [pointer: string, detail: string][] })[] = [
  ...[
    '',
    '%20',
    '+1',
    '%201',
    '1%20',
    '0x10',
    '.5',
    '1.',
    '01',
    'NaN',
    'Infinity',
    '-Infinity',
    '1e999',
    '1_0',
    'true',
    '1,2',
    '%31%2',
  ].map((text) => ({
    what: `the number "${text}"`,
    query: `min=${text}`,
    errors: [['#/query/min', 'must be a number']] as [string, string][],
  })),
  ...['', '1', 'TRUE', 'True', 'yes', 'false%20', 'null'].map((text) => ({
    what: `the boolean "${text}"`,
    query: `min=0&all=${text}`,
    errors: [['#/query/all', 'must be a boolean']] as [string, string][],
  })),
  {
    what: 'no required parameter',
    query: '',
    headers: {},
    errors: [
      ['#/query/min', 'is required'],
      ['#/header/X-Tone', 'is required'],
    ],
  },
  {
    what: 'an array with commas given twice',
    query: 'min=0&csv=a&csv=b',
    errors: [['#/query/csv', 'must not be given more than once']],
  },
  { what: 'a number given twice', query: 'min=0&min=1', errors: [['#/query/min', 'must not be given more than once']] },
  { what: 'a fraction for an integer', path: '/things/7.5/true/a', errors: [['#/path/id', 'must be an integer']] },
  {
    what: 'numbers out of range',
    path: '/things/0/true/a',
    query: 'min=1&limit=2147483648',
    errors: [
      ['#/path/id', 'must be at least 1'],
      ['#/query/min', 'must be less than 1'],
      ['#/query/limit', 'must be at most 2147483647'],
    ],
  },
  {
    what: 'a text that is no boolean in the path',
    path: '/things/7/maybe/a',
    errors: [['#/path/flag', 'must be a boolean']],
  },
  { what: 'an empty segment', path: '/things/7/true/', errors: [['#/path/rest', 'is required']] },
  {
    what: 'an invalid item',
    query: 'min=0&ids=1&ids=x&pipes=|',
    errors: [
      ['#/query/ids/1', 'must be an integer'],
      ['#/query/pipes/0', 'must be a number'],
      ['#/query/pipes/1', 'must be a number'],
    ],
  },
  {
    what: 'too many items',
    query: 'min=0&ids=1&ids=2&ids=3&ids=4',
    errors: [['#/query/ids', 'must have at most 3 items']],
  },
  {
    what: 'values that are not listed',
    query: 'min=0&feeling=happy',
    headers: { 'x-tone': 'Soft' },
    errors: [
      ['#/query/feeling', "must be one of 'positive', 'neutral', 'negative'"],
      ['#/header/X-Tone', "must be one of 'soft', 'loud'"],
    ],
  },
  {
    what: 'a text of another format',
    query: 'min=0&day=27.11.2026',
    errors: [['#/query/day', 'must have the format date']],
  },
  {
    what: 'a text of another pattern and length',
    query: 'min=0&code=A',
    errors: [
      ['#/query/code', 'must have at least 2 characters'],
      ['#/query/code', 'must match the pattern ^[a-z]+$'],
    ],
  },
  {
    what: 'an invalid item in a header',
    headers: { 'x-tone': 'soft', 'x-levels': '1,b' },
    errors: [['#/header/X-Levels/1', 'must be an integer']],
  },
];
