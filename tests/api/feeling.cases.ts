/** Requests as JSON text, and what the contract answers: for every door that takes JSON. */
import type { FeelingResponse, ValidationError } from '../../shared/contract.ts';

interface Case {
  name: string;
  json: string;
}

const longest = 65_536;
const maxBytes = 1_048_576;
const maxBytesOutsideStrings = 65_536;

/** A request whose member `more`, which is ignored, is of some text. */
function withMore(text: string): string {
  return `{"emoji_type":0,"message":"hi","more":${text}}`;
}

/** The same, where `more` is a string that gives the whole a number of bytes. */
function ofBytes(bytes: number, character: string): string {
  const room = bytes - withMore('""').length;
  const size = Buffer.byteLength(character);
  return withMore(`"${character.repeat(room / size)}${'x'.repeat(room % size)}"`);
}

/** The same, where `more` gives the whole a number of bytes outside strings. */
function ofBytesOutsideStrings(bytes: number, fill: (bytes: number) => string): string {
  // Braces, colons, commas and the number.
  return withMore(fill(bytes - '{:0,:,:}'.length));
}

/** Arrays in arrays; the innermost has a 0 where the number of bytes is odd. */
function nested(bytes: number): string {
  const depth = Math.floor(bytes / 2);
  return '['.repeat(depth) + '0'.repeat(bytes % 2) + ']'.repeat(depth);
}

/** Strings in an array. Each has a quotation mark or a backslash where the end of it may be mistaken. */
function strings(bytes: number): string {
  return `[${Array.from({ length: bytes - 1 }, (_, n) => (n % 2 ? '"\\\\\\"["' : '"\\\\"')).join()}]`;
}

function valid(name: string, json: string, feeling: FeelingResponse['feeling'], message: string) {
  return { name, json, answer: { feeling, message } };
}

export const validCases: (Case & { answer: FeelingResponse })[] = [
  valid('0 is positive', '{"emoji_type":0,"message":"hi"}', 'positive', 'hi'),
  valid('-0 is positive', '{"emoji_type":-0,"message":"hi"}', 'positive', 'hi'),
  valid('0e9 is positive', '{"emoji_type":0e9,"message":"hi"}', 'positive', 'hi'),
  valid('1 is neutral', '{"emoji_type":1,"message":"hi"}', 'neutral', 'hi'),
  valid('1.0 is neutral', '{"emoji_type":1.0,"message":"hi"}', 'neutral', 'hi'),
  valid('2 is negative', '{"emoji_type":2,"message":"hi"}', 'negative', 'hi'),
  valid('-1 is negative', '{"emoji_type":-1,"message":"hi"}', 'negative', 'hi'),
  valid('0.5 is negative', '{"emoji_type":0.5,"message":"hi"}', 'negative', 'hi'),
  valid('-7 is negative', '{"emoji_type":-7,"message":"hi"}', 'negative', 'hi'),
  valid('1e308 is negative', '{"emoji_type":1e308,"message":"hi"}', 'negative', 'hi'),
  valid('1e-400 is 0 as a double', '{"emoji_type":1e-400,"message":"hi"}', 'positive', 'hi'),
  valid('1.0000000000000001 is 1 as a double', '{"emoji_type":1.0000000000000001,"message":"hi"}', 'neutral', 'hi'),
  valid('0.99999999999999999 is 1 as a double', '{"emoji_type":0.99999999999999999,"message":"hi"}', 'neutral', 'hi'),
  valid('1.0000000000000003 is negative', '{"emoji_type":1.0000000000000003,"message":"hi"}', 'negative', 'hi'),
  valid('an empty message comes back', '{"emoji_type":0,"message":""}', 'positive', ''),
  valid('white space comes back', '{"emoji_type":0,"message":"  \\t\\r\\n "}', 'positive', '  \t\r\n '),
  valid('emoji come back', '{"emoji_type":0,"message":"🎉👩‍👩‍👧‍👦"}', 'positive', '🎉👩‍👩‍👧‍👦'),
  valid('an escaped emoji comes back', '{"emoji_type":0,"message":"\\ud83c\\udf89"}', 'positive', '🎉'),
  valid('a lone surrogate comes back', '{"emoji_type":0,"message":"\\ud83c!"}', 'positive', '\ud83c!'),
  valid('U+FFFD comes back', '{"emoji_type":0,"message":"é\ufffd🎉"}', 'positive', 'é\ufffd🎉'),
  valid('NUL comes back', '{"emoji_type":0,"message":"a\\u0000b"}', 'positive', 'a\0b'),
  valid('bidirectional text comes back', '{"emoji_type":0,"message":"\\u202eשלום"}', 'positive', '\u202eשלום'),
  valid(
    'HTML comes back',
    '{"emoji_type":0,"message":"<script>alert(1)</script>"}',
    'positive',
    '<script>alert(1)</script>',
  ),
  valid(
    'the last of two equal members counts',
    '{"emoji_type":5,"emoji_type":1,"message":"a","message":"b"}',
    'neutral',
    'b',
  ),
  valid('unknown members are ignored', '{"emoji_type":0,"message":"hi","mood":{"a":[1]}}', 'positive', 'hi'),
  valid('__proto__ is just a member', '{"__proto__":{"emoji_type":1},"emoji_type":0,"message":"hi"}', 'positive', 'hi'),
  valid('white space around the members is ignored', ' {\n "emoji_type" : 0 ,\t"message" : "hi" } ', 'positive', 'hi'),
  valid(
    'the longest message comes back',
    JSON.stringify({ emoji_type: 0, message: 'x'.repeat(longest) }),
    'positive',
    'x'.repeat(longest),
  ),
  valid(
    'code points are counted, not code units',
    JSON.stringify({ emoji_type: 0, message: '🎉'.repeat(longest) }),
    'positive',
    '🎉'.repeat(longest),
  ),
  valid(
    'the longest message comes back if every code unit is escaped',
    `{"emoji_type":0,"message":"${'\\ud83c\\udf89'.repeat(longest)}"}`,
    'positive',
    '🎉'.repeat(longest),
  ),
  valid('1,048,576 bytes are taken', ofBytes(maxBytes, 'x'), 'positive', 'hi'),
  valid('1,048,576 bytes of emoji are taken', ofBytes(maxBytes, '🎉'), 'positive', 'hi'),
  valid(
    '65,536 bytes outside strings are taken: nested',
    ofBytesOutsideStrings(maxBytesOutsideStrings, nested),
    'positive',
    'hi',
  ),
  valid(
    '65,536 bytes outside strings are taken: side by side',
    ofBytesOutsideStrings(maxBytesOutsideStrings, strings),
    'positive',
    'hi',
  ),
];

const notNumber = { pointer: '#/emoji_type', detail: 'must be a number' };
const notString = { pointer: '#/message', detail: 'must be a string' };
const noNumber = { pointer: '#/emoji_type', detail: 'is required' };
const noString = { pointer: '#/message', detail: 'is required' };
const notObject = { pointer: '#', detail: 'must be an object' };
const tooLong = { pointer: '#/message', detail: 'must have at most 65,536 characters' };

export const invalidCases: (Case & { errors: ValidationError[] })[] = [
  { name: 'both members are missing', json: '{}', errors: [noNumber, noString] },
  { name: 'emoji_type is missing', json: '{"message":"hi"}', errors: [noNumber] },
  { name: 'the message is missing', json: '{"emoji_type":0}', errors: [noString] },
  {
    name: 'a string is no number, and the message is missing',
    json: '{"emoji_type":"0"}',
    errors: [noString, notNumber],
  },
  { name: 'true is no number', json: '{"emoji_type":true,"message":"hi"}', errors: [notNumber] },
  { name: 'null is no number', json: '{"emoji_type":null,"message":"hi"}', errors: [notNumber] },
  { name: '[0] is no number', json: '{"emoji_type":[0],"message":"hi"}', errors: [notNumber] },
  { name: '1e400 is not finite', json: '{"emoji_type":1e400,"message":"hi"}', errors: [notNumber] },
  { name: '-1e400 is not finite', json: '{"emoji_type":-1e400,"message":"hi"}', errors: [notNumber] },
  { name: 'a number is no string', json: '{"emoji_type":0,"message":7}', errors: [notString] },
  { name: 'null is no string', json: '{"emoji_type":0,"message":null}', errors: [notString] },
  {
    name: 'both members are of the wrong type',
    json: '{"emoji_type":{},"message":[]}',
    errors: [notNumber, notString],
  },
  {
    name: 'members of __proto__ do not count',
    json: '{"__proto__":{"emoji_type":0,"message":"hi"}}',
    errors: [noNumber, noString],
  },
  { name: 'member names are case-sensitive', json: '{"Emoji_Type":0,"Message":"hi"}', errors: [noNumber, noString] },
  { name: 'an array is no object', json: '[{"emoji_type":0,"message":"hi"}]', errors: [notObject] },
  { name: 'a string is no object', json: '"hi"', errors: [notObject] },
  { name: 'a number is no object', json: '0', errors: [notObject] },
  { name: 'null is no object', json: 'null', errors: [notObject] },
  {
    name: 'one character too many',
    json: JSON.stringify({ emoji_type: 0, message: 'x'.repeat(longest + 1) }),
    errors: [tooLong],
  },
  {
    name: 'one emoji too many',
    json: JSON.stringify({ emoji_type: 0, message: '🎉'.repeat(longest + 1) }),
    errors: [tooLong],
  },
];

/** Requests that would be valid if they were smaller. */
export const tooLargeCases: Case[] = [
  { name: '1,048,577 bytes', json: ofBytes(maxBytes + 1, 'x') },
  { name: '1,048,577 bytes of emoji', json: ofBytes(maxBytes + 1, '🎉') },
  { name: 'a long name', json: `{"emoji_type":0,"message":"hi","${'x'.repeat(maxBytes)}":0}` },
  { name: '65,537 bytes outside strings, nested', json: ofBytesOutsideStrings(maxBytesOutsideStrings + 1, nested) },
  {
    name: '65,537 bytes outside strings, side by side',
    json: ofBytesOutsideStrings(maxBytesOutsideStrings + 1, strings),
  },
  {
    name: 'many members',
    json: withMore(JSON.stringify(Object.fromEntries(Array.from({ length: 22_000 }, (_, n) => [`n${n}`, 0])))),
  },
  { name: 'many objects', json: withMore(`[${'{},'.repeat(22_000)}{}]`) },
  { name: 'arrays nested 300,000 deep', json: withMore(nested(600_000)) },
];
