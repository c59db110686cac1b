/** Requests as JSON text, and what the contract answers: for every door that takes JSON. */
import type { FeelingResponse, ValidationError } from '../../shared/contract.ts';

interface Case {
  name: string;
  json: string;
}

const longest = 65_536;

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
  valid('an empty message comes back', '{"emoji_type":0,"message":""}', 'positive', ''),
  valid('white space comes back', '{"emoji_type":0,"message":"  \\t\\r\\n "}', 'positive', '  \t\r\n '),
  valid('emoji come back', '{"emoji_type":0,"message":"🎉👩‍👩‍👧‍👦"}', 'positive', '🎉👩‍👩‍👧‍👦'),
  valid('an escaped emoji comes back', '{"emoji_type":0,"message":"\\ud83c\\udf89"}', 'positive', '🎉'),
  valid('a lone surrogate comes back', '{"emoji_type":0,"message":"\\ud83c!"}', 'positive', '\ud83c!'),
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
