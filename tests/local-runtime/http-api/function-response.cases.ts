/** The headers of a JSON response and of one without a content-type. */
export const json = { 'content-type': 'application/json' };
export const text = { 'content-type': 'text/plain; charset=utf-8' };
const internalServerError = { status: 500, headers: json, body: '{"message":"Internal Server Error"}' };

interface ResponseCase {
  is: string;
  result: unknown;
  response: { status: number; headers: Record<string, string | string[]>; body: string };
}

/** Results of a function, and the responses to the client. */
export const responseCases: ResponseCase[] = [
  /** @aws 1.3: A result with `statusCode` is the response: status, headers and body. */
  {
    is: 'a complete response',
    result: { statusCode: 201, headers: { 'Content-Type': 'text/html', 'X-Own': 'yes' }, body: '<p>é</p>' },
    response: { status: 201, headers: { 'content-type': 'text/html', 'x-own': 'yes' }, body: '<p>é</p>' },
  },
  /** @aws 1.3: An object without `statusCode` is the body of a 200 in JSON, byte for byte. */
  {
    is: 'an object without a statusCode',
    result: { name: 'é', body: 'kept', headers: {} },
    response: { status: 200, headers: json, body: '{"name":"é","body":"kept","headers":{}}' },
  },
  { is: 'an empty object', result: {}, response: { status: 200, headers: json, body: '{}' } },
  /** @aws 1.3: An array is the body of a 200 in JSON. */
  {
    is: 'an array',
    result: [1, { statusCode: 404 }],
    response: { status: 200, headers: json, body: '[1,{"statusCode":404}]' },
  },
  /** @aws 1.3: A number is the body of a 200 in JSON. */
  { is: 'a number', result: 42, response: { status: 200, headers: json, body: '42' } },
  { is: 'a boolean', result: true, response: { status: 200, headers: json, body: 'true' } },
  /** @aws 1.3: A string is the body of a 200, without its quotes. */
  { is: 'a string', result: 'te"st\n', response: { status: 200, headers: json, body: 'te"st\n' } },
  {
    is: 'a string of JSON',
    result: '{"statusCode":404}',
    response: { status: 200, headers: json, body: '{"statusCode":404}' },
  },
  /** @aws 1.3: An empty string is an empty body in JSON. */
  { is: 'an empty string', result: '', response: { status: 200, headers: json, body: '' } },
  /** @aws 1.3: `null` is a 200 with the body `null`. @unknown */
  { is: 'null', result: null, response: { status: 200, headers: json, body: 'null' } },
  /** @aws 1.3: A result with `statusCode` and no content-type goes out as `text/plain; charset=utf-8`. */
  {
    is: 'a response without a content-type',
    result: { statusCode: 200, body: '{"a":1}' },
    response: { status: 200, headers: text, body: '{"a":1}' },
  },
  /** @aws 1.3: A result without a body has an empty one. */
  { is: 'a response without a body', result: { statusCode: 404 }, response: { status: 404, headers: text, body: '' } },
  {
    is: 'a response whose members are null',
    result: { statusCode: 200, headers: null, cookies: null, body: null, isBase64Encoded: null },
    response: { status: 200, headers: text, body: '' },
  },
  /** @aws 1.3: A status of digits in a string counts as the number. @unknown */
  {
    is: 'a response with a string of digits as status',
    result: { statusCode: '202', body: 'taken' },
    response: { status: 202, headers: text, body: 'taken' },
  },
  /** @aws 1.3: `isBase64Encoded` decodes the body, whatever its type. */
  {
    is: 'a response whose body is in base64',
    result: { statusCode: 200, headers: json, body: 'eyJhIjoxfQ==', isBase64Encoded: true },
    response: { status: 200, headers: json, body: '{"a":1}' },
  },
  /** @aws 1.3: `cookies` become a `Set-Cookie` each, before a `set-cookie` of `headers`. */
  {
    is: 'a response with cookies and a set-cookie header',
    result: { statusCode: 200, cookies: ['a=1; Path=/', 'b=2'], headers: { 'set-cookie': 'c=3' } },
    response: { status: 200, headers: { ...text, 'set-cookie': ['a=1; Path=/', 'b=2', 'c=3'] }, body: '' },
  },
  {
    is: 'a response with a number and a boolean as header values',
    result: { statusCode: 200, headers: { 'x-number': 1.5, 'x-boolean': false } },
    response: { status: 200, headers: { ...text, 'x-number': '1.5', 'x-boolean': 'false' }, body: '' },
  },
  /** @aws 1.3: `multiValueHeaders` and unknown members are ignored. */
  {
    is: 'a response with members that format 2.0 does not have',
    result: { statusCode: 200, body: 'b', multiValueHeaders: { 'x-many': ['1'] }, statusDescription: 'Fine', other: 1 },
    response: { status: 200, headers: text, body: 'b' },
  },
  {
    is: 'a response of 204 with a body',
    result: { statusCode: 204, body: 'lost' },
    response: { status: 204, headers: text, body: '' },
  },
  {
    is: 'a redirection',
    result: { statusCode: 302, headers: { Location: 'https://example.com/' } },
    response: { status: 302, headers: { ...text, location: 'https://example.com/' }, body: '' },
  },
  { is: 'a response of 599', result: { statusCode: 599 }, response: { status: 599, headers: text, body: '' } },
  ...[200.5, 0, 99, 600, '', 'OK', '200.5', null, true, [200]].map((statusCode) => ({
    /** @aws 1.3: A `statusCode` that is no integer from 200 to 599 leads to 500. */
    is: `a response whose status is ${JSON.stringify(statusCode)}`,
    result: { statusCode, body: 'b' },
    response: internalServerError,
  })),
  /** @aws 1.3: A body that is no string leads to 500. @unknown */
  {
    is: 'a response whose body is an object',
    result: { statusCode: 200, body: { a: 1 } },
    response: internalServerError,
  },
  {
    is: 'a response with a line break in a header',
    result: { statusCode: 200, headers: { 'x-a': 'a\r\nx-b: b' } },
    response: internalServerError,
  },
  {
    is: 'a response with a header value beyond Latin-1',
    result: { statusCode: 200, headers: { 'x-a': '😀' } },
    response: internalServerError,
  },
  /** @aws 1.3: A header whose value is null is left out. @unknown */
  {
    is: 'a response with a header whose value is null',
    result: { statusCode: 200, headers: { 'x-null': null, 'X-Kept': '1' } },
    response: { status: 200, headers: { ...text, 'x-kept': '1' }, body: '' },
  },
  {
    is: 'a response with a content-type of null',
    result: { statusCode: 200, headers: { 'Content-Type': null } },
    response: { status: 200, headers: text, body: '' },
  },
  ...[['1', '2'], [], { a: '1' }].map((value) => ({
    /** @aws 1.3: A header whose value is a list or an object leads to 500. @unknown */
    is: `a response with the header value ${JSON.stringify(value)}`,
    result: { statusCode: 200, headers: { 'x-a': value } },
    response: internalServerError,
  })),
  /** @aws 1.3: Header names that differ only in case give a header each. @unknown */
  {
    is: 'a response with header names that differ only in case',
    result: { statusCode: 200, headers: { 'X-A': '1', 'x-a': '2', 'Set-Cookie': 'a=1', 'set-cookie': 'b=2' } },
    response: { status: 200, headers: { ...text, 'x-a': '1, 2', 'set-cookie': ['a=1', 'b=2'] }, body: '' },
  },
  /** @aws 1.3: Of two content-types the last one counts. @unknown */
  {
    is: 'a response with two content-types that differ only in case',
    result: { statusCode: 200, headers: { 'Content-Type': 'text/html', 'content-type': 'application/json' } },
    response: { status: 200, headers: json, body: '' },
  },
  {
    is: 'a response with a space in a header name',
    result: { statusCode: 200, headers: { 'x a': '1' } },
    response: internalServerError,
  },
  {
    is: 'a response with a line break in a cookie',
    result: { statusCode: 200, cookies: ['a=1\r\nx-b: b'] },
    response: internalServerError,
  },
];
