/**
 * Random connections: valid requests, then a broken one, then more, cut anywhere. Each request has a marker of its
 * own, which reveals a byte of it in the response to another.
 *
 * RUNS=1000 runs more of them. SEED=… repeats a failed run, which prints its seed.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { open } from '../../harness/http-client.ts';
import { type Handler, serve } from '../../harness/test-stack.ts';
import { answersUntilClosed, type WireResponse } from '../../harness/wire.ts';

const echo: Handler = ({ rawQueryString, headers, body = '', isBase64Encoded }) => ({
  query: rawQueryString,
  header: headers['x-marker'],
  body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8').toString('latin1'),
});
const stack = await serve({ get: { code: echo, route: 'GET /echo' }, post: { code: echo, route: 'POST /echo' } });
after(() => stack[Symbol.asyncDispose]());

const { RUNS = '15', SEED } = process.env;
const counts = { connections: 0, requests: 0, malformed: 0, resets: 0, responses: 0 };

/** The kind of a request. */
type Shape =
  | { kind: 'get'; padding: number }
  | { kind: 'nowhere' }
  | { kind: 'length'; filler: string }
  | { kind: 'chunked'; chunks: string[]; extension: string; trailer: boolean };

/** How a request is broken. A `fatal` break must be refused; another may still be a valid request. */
type Break =
  | { kind: 'fatal'; from: string; to: string }
  | { kind: 'flip' | 'cut' | 'repeat'; at: number; length: number }
  | { kind: 'insert'; at: number; bytes: Uint8Array };

interface Stream {
  whole: Shape[];
  broken: { shape: Shape; how: Break } | null;
  more: Shape[];
  cuts: number[];
  /** Whether the client resets the connection instead of waiting. */
  reset: boolean;
}

const filler = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
const shape: fc.Arbitrary<Shape> = fc.oneof(
  fc.record({ kind: fc.constant('get' as const), padding: fc.nat(200) }),
  fc.record({ kind: fc.constant('nowhere' as const) }),
  fc.record({ kind: fc.constant('length' as const), filler }),
  fc.record({
    kind: fc.constant('chunked' as const),
    chunks: fc.array(filler, { maxLength: 4 }),
    extension: fc.constantFrom('', ';a', ';a=b', ';a="b\\"c";d'),
    trailer: fc.boolean(),
  }),
);
const fatal = fc.constantFrom(
  ['\r\n\r\n', '\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ['\r\n\r\n', '\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n'],
  ['\r\n\r\n', '\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
  ['\r\n\r\n', '\r\nContent-Length: -1\r\n\r\n'],
  ['\r\n\r\n', '\r\nX: a\0b\r\n\r\n'],
  ['\r\n\r\n', '\r\nX: a\r\n b\r\n\r\n'],
  ['\r\n\r\n', '\n\n'],
  ['\r\nHost: ', '\r\nHost: other\r\nHost: '],
  ['HTTP/1.1', 'HTTP/1.2'],
  ['HTTP/1.1', 'HTTP/0.9'],
  ['HTTP/1.1', 'HTTQ/1.1'],
  [' /', ' '],
  ['T /', 'T'],
  [' ', '\t'],
  [': ', ' : '],
  ['', '\0'],
);
const place = fc.nat(400);
const how: fc.Arbitrary<Break> = fc.oneof(
  { weight: 2, arbitrary: fatal.map(([from = '', to = '']) => ({ kind: 'fatal' as const, from, to })) },
  fc.record({ kind: fc.constantFrom('flip', 'cut', 'repeat'), at: place, length: fc.integer({ min: 1, max: 60 }) }),
  fc.record({ kind: fc.constant('insert' as const), at: place, bytes: fc.uint8Array({ minLength: 1, maxLength: 20 }) }),
);
const stream: fc.Arbitrary<Stream> = fc.record({
  whole: fc.array(shape, { maxLength: 5 }),
  broken: fc.option(fc.record({ shape, how }), { freq: 4 }),
  more: fc.array(shape, { maxLength: 3 }),
  cuts: fc.array(fc.nat(1200), { maxLength: 6 }),
  reset: fc.integer({ min: 0, max: 7 }).map((number) => number === 7),
});

/** Long enough that no break turns one into another. */
const markers = new Set<string>();

/** Returns a request in Latin-1 with a new marker, and its expected response. */
function requestOf(shape: Shape): { marker: string; bytes: string; status: number; body: object } {
  const marker = crypto.randomUUID();
  markers.add(marker);
  const head = (start: string, more = '') => `${start} HTTP/1.1\r\nHost: h\r\nX-Marker: ${marker}\r\n${more}\r\n`;
  const echoed = (body: string) => ({ marker, status: 200, body: { query: marker, header: marker, body } });
  switch (shape.kind) {
    case 'get':
      return { ...echoed(''), bytes: head(`GET /echo?${marker}`, `X-Padding: ${'x'.repeat(shape.padding)}\r\n`) };
    case 'nowhere':
      return { marker, status: 404, body: { message: 'Not Found' }, bytes: head(`GET /${marker}`) };
    case 'length': {
      const body = marker + shape.filler;
      return { ...echoed(body), bytes: head(`POST /echo?${marker}`, `Content-Length: ${body.length}\r\n`) + body };
    }
    case 'chunked': {
      const chunks = [marker, ...shape.chunks.filter((chunk) => chunk !== ''), ''];
      const coded = chunks.map((chunk) => {
        const end = chunk ? '\r\n' : '';
        return `${chunk.length.toString(16)}${shape.extension}\r\n${chunk}${end}`;
      });
      const trailer = shape.trailer ? `X-Trailer: ${marker}\r\n\r\n` : '\r\n';
      const bytes = head(`POST /echo?${marker}`, 'Transfer-Encoding: chunked\r\n') + coded.join('') + trailer;
      return { ...echoed(chunks.join('')), bytes };
    }
  }
}

function broken(bytes: string, how: Break): string {
  if (how.kind === 'fatal') return bytes.replace(how.from, how.to);
  const at = how.at % bytes.length;
  const [before, after] = [bytes.slice(0, at), bytes.slice(at)];
  if (how.kind === 'insert') return before + Buffer.from(how.bytes).toString('latin1') + after;
  if (how.kind === 'repeat') return before + after.slice(0, how.length) + after;
  if (how.kind === 'cut') return before + after.slice(how.length);
  return before + String.fromCharCode(after.charCodeAt(0) ^ (1 << (how.length % 8))) + after.slice(1);
}

async function converse(stream: Stream): Promise<void> {
  const whole = stream.whole.map(requestOf);
  const bad = stream.broken && requestOf(stream.broken.shape);
  const more = stream.more.map(requestOf);
  const badBytes = stream.broken && bad ? broken(bad.bytes, stream.broken.how) : '';
  const bytes = Buffer.from(
    [...whole.map(({ bytes }) => bytes), badBytes, ...more.map(({ bytes }) => bytes)].join(''),
    'latin1',
  );
  counts.connections++;
  counts.requests += whole.length + more.length;
  if (bad) counts.malformed++;

  const socket = await open(stack.url);
  const received = answersUntilClosed(socket);
  const ends = [...stream.cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  let start = 0;
  for (const end of ends) {
    socket.write(bytes.subarray(start, end));
    start = end;
    await turn();
  }
  if (stream.reset) {
    counts.resets++;
    socket.resetAndDestroy();
    await received.catch(() => {});
    return;
  }
  socket.end();
  const responses = await received;
  counts.responses += responses.length;

  const expected = bad ? whole : [...whole, ...more];
  assert.deepEqual(
    responses.slice(0, expected.length).map(({ status, body }) => ({ status, body: JSON.parse(body) })),
    expected.map(({ status, body }) => ({ status, body })),
  );
  const rest = responses.slice(expected.length);
  if (!bad) assert.deepEqual(rest, []);
  if (stream.broken?.how.kind === 'fatal') {
    assert.deepEqual(
      rest.map(({ status }) => status),
      [400],
    );
  }
  const own = new Set([...whole, ...more, ...(bad ? [bad] : [])].map(({ marker }) => marker));
  for (const response of rest) assertHarmless(response, own);
}

/** Checks the response to random bytes: a status of the gateway, and no marker of another client. */
function assertHarmless({ status, body }: WireResponse, own: ReadonlySet<string>): void {
  assert([200, 400, 404, 413, 431].includes(status), `${status} ${body}`);
  for (const [marker] of body.matchAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g)) {
    assert(own.has(marker) || !markers.has(marker), `${marker} is of another connection`);
  }
}

test('no broken request harms another, and no response has a byte of another request', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(stream, { minLength: 6, maxLength: 16 }), async (streams) => {
      await Promise.all(streams.map(converse));
    }),
    { numRuns: Number(RUNS), ...(SEED && { seed: Number(SEED) }) },
  );
  await converse({
    whole: [{ kind: 'length', filler: 'still there' }],
    broken: null,
    more: [],
    cuts: [],
    reset: false,
  });
  for (const [what, count] of Object.entries(counts)) t.diagnostic(`evidence: framing fuzz, ${what}=${count}`);
});
