/** Who may read the timeline and send its entries again, and what a stop does with a page that is live. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import type { OutgoingHttpHeaders } from 'node:http';
import { Writable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import type { HttpRecord } from '../../../infra/local/http-api/http-record.ts';
import { streamChanges } from '../../../infra/local/timeline/change-stream.ts';
import { Timeline } from '../../../infra/local/timeline/timeline.ts';
import { projectRoot } from '../../../infra/project-root.ts';
import { open, send } from '../../harness/http-client.ts';
import { localClient } from '../../harness/lambda-client.ts';
import { changesOf, type ServedTimeline, serveTimeline } from '../../harness/served-timeline.ts';
import type { Handler } from '../../harness/test-stack.ts';

const json = { 'content-type': 'application/json' };
const code: Handler = (event) => ({ statusCode: 200, body: JSON.stringify([event.rawQueryString, event.body]) });

describe('the timeline', () => {
  let served: ServedTimeline;
  let id: string;
  before(async () => {
    served = await serveTimeline({ echoes: { code, route: 'POST /echoes' }, direct: { code: (event) => event } });
    const response = await send(`${served.stack.url}/echoes?a=1`, {
      method: 'POST',
      headers: json,
      body: '{"it\'s":1}',
    });
    id = String(response.headers['apigw-requestid']);
  });
  after(() => served[Symbol.asyncDispose]());

  const entryPath = () => `/requests/${encodeURIComponent(id)}`;

  /** Headers as browsers send them. No page can change them. */
  const pages: Record<string, OutgoingHttpHeaders> = {
    'of another site': { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    'of another site in an old browser': { origin: 'https://evil.example' },
    'of another site that hides its origin': { origin: 'null' },
    'of another site without an origin': { 'sec-fetch-site': 'cross-site' },
    'on another port of this machine': { origin: 'http://127.0.0.1:3000', 'sec-fetch-site': 'same-site' },
    'on a name that resolves to this machine': { host: 'evil.example', origin: 'http://evil.example' },
  };
  for (const [which, headers] of Object.entries(pages)) {
    test(`refuses a page ${which}, which neither reads nor sends anything again`, async () => {
      const before = await served.list();
      for (const path of ['/requests.json', '/requests/events', `${entryPath()}.json`]) {
        const response = await send(`${served.url}${path}`, { headers });
        assert.equal(response.status, 403, path);
        assert.equal(response.headers['access-control-allow-origin'], undefined);
        assert.doesNotMatch(response.body, /echoes/);
      }
      for (const type of ['application/json', 'text/plain']) {
        const request = { method: 'POST', headers: { ...headers, 'content-type': type }, body: '{}' };
        assert.equal((await send(`${served.url}${entryPath()}/replay`, request)).status, 403, type);
      }
      const preflight = { ...headers, 'access-control-request-method': 'POST' };
      const { headers: allowed } = await send(`${served.url}${entryPath()}/replay`, {
        method: 'OPTIONS',
        headers: preflight,
      });
      assert.equal(allowed['access-control-allow-origin'], undefined);
      assert.deepEqual(await served.list(), before);
    });
  }

  test('sends nothing again for a form, which needs no preflight', async () => {
    const before = await served.list();
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', undefined]) {
      const headers = type === undefined ? {} : { 'content-type': type };
      const { status } = await send(`${served.url}${entryPath()}/replay`, { method: 'POST', headers, body: '{}' });
      assert.equal(status, 415, type);
    }
    assert.equal((await send(`${served.url}${entryPath()}/replay`)).status, 405);
    assert.deepEqual(await served.list(), before);
  });

  test('lets the page of its own server in', async () => {
    const headers = { origin: served.url, 'sec-fetch-site': 'same-origin' };
    assert.equal((await send(`${served.url}/requests.json`, { headers })).status, 200);
    const request = { method: 'POST', headers: { ...headers, ...json }, body: '{}' };
    assert.equal((await send(`${served.url}${entryPath()}/replay`, request)).status, 200);
  });

  test('sends a request again, as it was and edited', async () => {
    for (const [edits, result] of [
      [{}, ['a=1', '{"it\'s":1}']],
      [{ url: '/echoes?b=2', body: 'ü' }, ['b=2', 'ü']],
      [{ body: '' }, ['a=1', null]],
    ] as const) {
      const replayed = JSON.parse((await served.replay(id, edits)).body);
      assert.equal(replayed.status, 200);
      const { response, replayOf } = await served.detail(replayed.id);
      assert.equal(replayOf, id);
      assert.deepEqual(JSON.parse(response?.body.text ?? ''), result);
    }
    const { status } = JSON.parse((await served.replay(id, { method: 'DELETE' })).body);
    assert.equal(status, 404);
  });

  test('refuses edits that cannot be sent, with the reason', async () => {
    for (const [edits, reason] of [
      [{ url: 'http://evil.example/' }, /^url: /],
      [{ method: 'A B' }, /^method: /],
      [{ headers: [['a b', 'c']] }, /header name/i],
      [{ headers: [['a', 'b\r\nc: d']] }, /header/i],
      [{ path: '/x' }, /path/],
    ] as const) {
      const { status, body } = await served.replay(id, edits);
      assert.equal(status, 400, body);
      assert.match(JSON.parse(body).message, reason);
    }
    assert.equal((await served.replay('nothing')).status, 404);
  });

  test('sends an invocation again, with the client context of the first', async () => {
    const context: Handler = (event, { clientContext }) => ({ event, clientContext });
    await using other = await serveTimeline({ tells: { code: context } });
    const client = localClient(other.stack.runtime.lambdaUrl);
    const ClientContext = Buffer.from('{"custom":{"a":"b"}}').toString('base64');
    await client.send(new InvokeCommand({ FunctionName: 'tells', Payload: '1', ClientContext }));
    client.destroy();
    const [first] = (await other.list()).entries;
    for (const [edits, event] of [
      [{}, 1],
      [{ event: '2' }, 2],
    ] as const) {
      const { id: again, status } = JSON.parse((await other.replay(first?.id ?? '', edits)).body);
      assert.equal(status, 200);
      const { result } = await other.detail(again);
      assert.deepEqual(JSON.parse(result?.text ?? ''), { event, clientContext: { custom: { a: 'b' } } });
    }
  });

  test('has commands that a shell takes as they are', async () => {
    const { commands } = await served.detail(id);
    const run = promisify(execFile);
    const { stdout } = await run('sh', ['-c', `${commands.curl} -s`]);
    assert(stdout.endsWith(JSON.stringify(['a=1', '{"it\'s":1}'])), stdout);
    const shell = `npm() { shift 3; node infra/scripts/invoke.ts "$@"; }; ${commands.npm}`;
    const env = { ...process.env, PATH: `${process.execPath.replace(/[^/]+$/, '')}:${process.env['PATH']}` };
    const invoked = await run('sh', ['-c', shell], { cwd: projectRoot, env });
    assert.deepEqual(JSON.parse(JSON.parse(invoked.stdout).body), ['a=1', '{"it\'s":1}']);
    // In place of the AWS CLI, this prints the arguments.
    const { stdout: words } = await run('sh', ['-c', `aws() { printf '%s\\0' "$@"; }; ${commands.aws}`]);
    const args = words.split('\0');
    assert.equal(args[args.indexOf('--function-name') + 1], 'echoes');
    assert.equal(JSON.parse(args[args.indexOf('--payload') + 1] ?? '').rawQueryString, 'a=1');
  });

  test('sends binary bytes by curl too', async () => {
    const body = Buffer.from([0, 255, 39]);
    const { headers } = await send(`${served.stack.url}/echoes`, { method: 'POST', body });
    const { commands } = await served.detail(String(headers['apigw-requestid']));
    const { stdout } = await promisify(execFile)('sh', ['-c', commands.curl ?? '']);
    assert(stdout.endsWith(JSON.stringify(['', body.toString('base64')])), stdout);
  });
});

test('a stop ends a page that is live, and one that reads nothing', async () => {
  await using served = await serveTimeline({ echoes: { code } });
  const stream = changesOf(`${served.url}/requests/events`);
  assert.deepEqual((await stream.next()).value.entries, []);
  const deaf = await open(served.url);
  deaf.write('GET /requests/events HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n');
  await once(deaf, 'readable');
  await served.docs.stop();
  assert.equal((await stream.next()).done, true);
  deaf.destroy();
});

test('a live page gets every change of a burst', async () => {
  await using served = await serveTimeline({ echoes: { code } });
  const stream = changesOf(`${served.url}/requests/events`);
  await stream.next();
  const paths = Array.from({ length: 150 }, (_, i) => `/${i}`);
  for (const path of paths) await send(`${served.stack.url}${path}`);
  const seen = new Set<string>();
  for await (const { entries } of stream) {
    for (const { path = '' } of entries) seen.add(path);
    if (seen.size === paths.length) break;
  }
  assert.deepEqual([...seen], paths);
});

test('a page that reads nothing has one batch in memory, and gets what it missed with the next', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const timeline = new Timeline();
  const chunks: string[] = [];
  let goOn = () => {};
  const reader = new Writable({
    highWaterMark: 1,
    decodeStrings: false,
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      goOn = done;
    },
  });
  streamChanges(timeline, reader, undefined);
  const waiting = reader.writableLength;
  for (let i = 0; i < 50; i++) {
    timeline.record(recordOf(`/${i}`));
    t.mock.timers.tick(1000);
  }
  assert.equal(reader.writableLength, waiting);
  const drained = once(reader, 'drain');
  goOn();
  goOn();
  await drained;
  t.mock.timers.tick(1000);
  assert.equal(chunks.length, 3);
  const { entries } = JSON.parse(/^data: (.*)$/m.exec(chunks[2] ?? '')?.[1] ?? '');
  assert.equal(entries.length, 50);
  reader.destroy();
});

test('only so many pages can be live at a time', async () => {
  await using served = await serveTimeline({ echoes: { code } });
  const streams = Array.from({ length: 20 }, () => changesOf(`${served.url}/requests/events`));
  for (const stream of streams) await stream.next();
  assert.equal((await send(`${served.url}/requests/events`)).status, 503);
  await Promise.all(streams.map((stream) => stream.return(undefined)));
});

function recordOf(path: string): HttpRecord {
  return {
    record: 'http',
    report: { event: 'request', method: 'GET', path, status: 404, milliseconds: 1 },
    gatewayRequestId: path,
    url: path,
    rawHeaders: [],
    response: { status: 404, headers: [], body: '' },
    invocation: undefined,
    result: undefined,
  };
}
