/** Bodies whose bytes matter: those that are no UTF-8, and those that are too large to be parsed. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { localOnly, needsToken } from '../harness/deployed.ts';
import { onlyResponse } from '../harness/wire.ts';
import { tooLargeCases } from './feeling.cases.ts';
import { apiUrl, contract, post, problem } from './http/api-under-test.ts';

const plain = { 'content-type': 'application/json' };
// A charset that it does not know makes the gateway pass the body on in base64.
const inBase64 = { 'content-type': 'application/json; charset=utf8' };
const types = [plain, inBase64];

/** Bytes that are no UTF-8. API Gateway makes them longer. */
const notUtf8: Record<string, number[]> = {
  'Latin-1': [0xe9],
  'a lone continuation': [0x80],
  'an emoji cut after one byte': [0xf0],
  'an emoji cut after two bytes': [0xf0, 0x9f],
  'an emoji cut after three bytes, and one more byte': [0xf0, 0x9f, 0x8e, 0xff],
  'an overlong slash': [0xc0, 0xaf],
  'a surrogate': [0xed, 0xa0, 0xbc],
  'past U+10FFFF': [0xf4, 0x90, 0x80, 0x80],
};

describe('a body that is not UTF-8', needsToken, () => {
  for (const type of types) {
    describe(`in ${type['content-type']}`, () => {
      for (const [name, bytes] of Object.entries(notUtf8)) {
        test(`answers 400: ${name}`, async () => {
          for (const beside of ['', '\ufffd', '🎉']) {
            const body = Buffer.concat([
              Buffer.from(`{"emoji_type":0,"message":"${beside}`),
              Buffer.from(bytes),
              Buffer.from('"}'),
            ]);
            problem(await post(body, type), 400, '/problems/not-json');
          }
        });
      }
    });
  }

  test('answers 400 to the same without a content-length', localOnly, async () => {
    const url = apiUrl();
    const head = `POST /feeling HTTP/1.1\r\nhost: ${new URL(url).host}\r\ncontent-type: application/json\r\n`;
    const framing = 'transfer-encoding: chunked\r\nconnection: close\r\n\r\n';
    const body = Buffer.from('{"emoji_type":0,"message":"caf\xe9"}', 'latin1');
    const chunks = [Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')];
    const {
      status,
      headers,
      body: text,
    } = await onlyResponse(url, Buffer.concat([Buffer.from(head + framing), ...chunks]));
    contract.check({ status, headers, text });
    assert.equal(JSON.parse(text).type, '/problems/not-json');
  });

  test('an emoji without its last byte is U+FFFD, where the gateway replaces it', async () => {
    const body = Buffer.concat([
      Buffer.from('{"emoji_type":0,"message":"'),
      Buffer.from('🎉').subarray(0, 3),
      Buffer.from('"}'),
    ]);
    assert.deepEqual(JSON.parse((await post(body)).text), { feeling: 'positive', message: '\ufffd' });
    problem(await post(body, inBase64), 400, '/problems/not-json');
  });
});

describe('a body that is too large', needsToken, () => {
  for (const type of types) {
    for (const { name, json } of tooLargeCases) {
      test(`answers 413 to ${name}, in ${type['content-type']}`, async () => {
        const { detail } = problem(await post(json, type), 413, '/problems/too-large');
        assert.equal(detail, 'Send at most 1,048,576 bytes, at most 65,536 of them outside strings.');
      });
    }
  }

  const hostile: Record<string, string> = {
    'arrays nested 2,450,000 deep': `{"emoji_type":0,"message":"hi","x":${'['.repeat(2_450_000)}${']'.repeat(2_450_000)}}`,
    'arrays without an end': '['.repeat(3_000_000),
    'a string without an end': `"${'\\"'.repeat(1_000_000)}`,
    'white space': ' '.repeat(65_537),
    digits: '9'.repeat(65_537),
    'empty strings': `[${'"",'.repeat(65_540)}1]`,
    'numbers after a quotation mark': `["\\"",${'1,'.repeat(33_000)}1]`,
  };
  for (const [name, body] of Object.entries(hostile)) {
    test(`answers 413 before it is parsed: ${name}`, async () => {
      problem(await post(body), 413, '/problems/too-large');
    });
  }

  test('answers 400 to a long string without an end', async () => {
    problem(await post(`"${'\\"'.repeat(500_000)}`), 400, '/problems/not-json');
  });
});
