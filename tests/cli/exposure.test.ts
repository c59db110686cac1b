/** What `npm start` exposes to the network, what a request can make it print, and that it stops on a signal. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { runScript, type Script } from '../../infra/scripts/running-script.ts';
import { localClient } from '../harness/lambda-client.ts';
import { serveEnvironment } from '../harness/test-configuration.ts';
import { onlyResponse } from '../harness/wire.ts';

let folder: string;
/** Two of `npm start`: one prints text, for a person, and one prints JSON, for a program. */
let text: Served;
let json: Served;

interface Served {
  script: Script;
  url: string;
  lambdaUrl: string;
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'feeling-api-test-'));
  [text, json] = await Promise.all([served('text'), served('json')]);
});
after(async () => {
  for (const { script } of [text, json]) script.process.kill('SIGKILL');
  for (const { script } of [text, json]) await script.ended();
  await rm(folder, { recursive: true, force: true });
});

async function served(output: 'text' | 'json'): Promise<Served> {
  const env = serveEnvironment(folder);
  const script = runScript('infra/local/cli/serve.ts', ['-c', 'logLevel=DEBUG', '--output', output], env);
  const places = {
    text: /served at (\S+), .* at (\S+)\n[\s\S]*Ready in .*\n\n/,
    json: /"url":"(\S+?)","lambdaUrl":"(\S+?)".*\n/,
  };
  const [, url = '', lambdaUrl = ''] = await script.says(places[output]);
  return { script, url, lambdaUrl };
}

async function post(url: string, message: string, headers = ''): Promise<void> {
  const body = JSON.stringify({ emoji_type: 0, message });
  const { status, body: answer } = await onlyResponse(
    url,
    `POST /feeling HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`,
  );
  assert.equal(status, 200);
  assert.equal(JSON.parse(answer).message, message);
}

async function invoke(lambdaUrl: string, FunctionName: string, payload: object): Promise<void> {
  const client = localClient(lambdaUrl);
  await client
    .send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(payload) }))
    .finally(() => client.destroy());
}

const linuxOnly = process.platform === 'linux' ? {} : { skip: 'it is read from /proc, which only Linux has' };

test('npm start listens on 127.0.0.1 only', linuxOnly, async (t) => {
  const { script, url, lambdaUrl } = text;
  await post(url, 'a process of each function');
  await invoke(lambdaUrl, 'feeling-direct-dev', { emoji_type: 0, message: 'hi' });
  await script.says(/Invoke feeling-direct-dev RequestResponse \S+ 200 .*\n/);
  const addresses = await listeningAddresses(script.process.pid ?? 0);
  // Three servers, and a Runtime API for each of the two processes.
  assert.equal(addresses.length, 5);
  assert.deepEqual(new Set(addresses), new Set(['127.0.0.1']));
  t.diagnostic(`evidence: listening sockets, all on 127.0.0.1=${addresses.length}`);
});

describe('a request cannot forge log lines or control the terminal', () => {
  const forgeries: Record<string, string> = {
    'line ends of every kind': 'a\n{"level":"INFO"}\r\nb\rc\vd\fe\x85f\u2028g\u2029h',
    'every control character': String.fromCharCode(
      ...Array(32).keys(),
      ...Array.from({ length: 33 }, (_, i) => 127 + i),
    ),
    'escape sequences': '\x1b[2J\x1b[31mred\x1b]0;title\x07\x9b31m\x1b[1A\x1b[2K',
    'text that runs the other way': 'abc\u202e}"cba"{\u2066\u2069\u200f\u061c',
    'the mark of an end': `\n\0${crypto.randomUUID()}\n`,
    'the shape of a line': '"}\n{"timestamp":"x","level":"ERROR","message":{"errorType":"Error"}}',
  };
  /**
   * Does something, and waits until the output matches.
   * @returns the lines that were printed meanwhile
   */
  async function linesUntil(script: Script, last: RegExp, act: () => Promise<unknown>): Promise<string[]> {
    const start = script.output().length;
    await act();
    await script.says(new RegExp(`^[^]{${start}}[^]*${last.source}[^\\n]*\\n`));
    const printed = script.output().slice(start);
    assert.doesNotMatch(printed.replaceAll('\n', ''), /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
    return printed.trimEnd().split('\n');
  }

  const xForged = (forged: string) =>
    `X-Forged: ${Buffer.from(forged)
      .toString('latin1')
      .replace(/[^\x20-\x7e\x80-\xff]/g, '')}\r\n`;
  const get = ({ url }: Served, forged: string) =>
    onlyResponse(url, `GET /${encodeURIComponent(forged)} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`);
  const call = ({ lambdaUrl }: Served, forged: string) => {
    const path = `/2015-03-31/functions/${encodeURIComponent(forged)}/invocations`;
    const headers = `Host: ${new URL(lambdaUrl).host}\r\nContent-Length: 0\r\nConnection: close\r\n`;
    return onlyResponse(lambdaUrl, `POST ${path} HTTP/1.1\r\n${headers}\r\n`);
  };

  for (const [what, forged] of Object.entries(forgeries)) {
    test(`a request with ${what} is one line each of --output text`, async (t) => {
      const { script, url } = text;
      const answered = await linesUntil(script, /DEBUG /, () => post(url, forged, xForged(forged)));
      const [access, info, debug = '', ...none] = answered;
      assert.deepEqual(none, []);
      assert.match(access ?? '', /^POST \/feeling 200 [\d.]+ ms (cold|warm)$/);
      assert.match(info ?? '', /^ {4}INFO \{.*"feeling":"positive".*\}$/);
      const [, message = ''] = /^ {4}DEBUG (\{.*\})$/.exec(debug) ?? [];
      assert.equal(JSON.parse(message.replaceAll(/\\x(..)/g, '\\u00$1')).message, forged);

      const [refused, ...more] = await linesUntil(script, / 404 /, () => get(text, forged));
      assert.match(refused ?? '', /^GET \/.* 404 [\d.]+ ms \(POST \/feeling is served\)$/);
      assert.deepEqual(more, []);

      const [called, ...others] = await linesUntil(script, /Invoke [^\n]* 400 /, () => call(text, forged));
      assert.match(called ?? '', /^Invoke .* 400 [\d.]+ ms$/);
      assert.deepEqual(others, []);
      t.diagnostic('evidence: forged log lines tried=3');
    });

    test(`a request with ${what} is one line each of --output json`, async (t) => {
      const { script, url } = json;
      const last = /"event":"request"/;
      const lines = await linesUntil(script, last, () => post(url, forged, xForged(forged)));
      const [info, debug, access, ...none] = lines.map((line) => JSON.parse(line));
      assert.deepEqual(none, []);
      assert.deepEqual([info.event, info.line.message.feeling], ['log', 'positive']);
      assert.deepEqual([debug.event, debug.line.message.message], ['log', forged]);
      assert.deepEqual([access.event, access.status, access.requestId], ['request', 200, info.requestId]);

      const [refused, ...more] = await linesUntil(script, last, () => get(json, forged));
      assert.deepEqual(more, []);
      const { event, path, status } = JSON.parse(refused ?? '');
      assert.deepEqual([event, status], ['request', 404]);
      assert.equal(path.slice(1), forged);

      const [called, ...others] = await linesUntil(script, /"event":"invocation"/, () => call(json, forged));
      assert.deepEqual(others, []);
      const invocation = JSON.parse(called ?? '');
      assert.deepEqual([invocation.status, invocation.function], [400, forged]);
      t.diagnostic('evidence: forged log lines tried=3');
    });
  }
});

test('npm start stops on SIGINT and on SIGTERM, exits with 0, and leaves no folder', async () => {
  const both = [
    { script: text.script, signal: 'SIGINT', stopped: /\nStopped\n$/ },
    {
      script: json.script,
      signal: 'SIGTERM',
      stopped: /"event":"stopping","reason":"SIGTERM".*\n.*"event":"stopped".*\n$/,
    },
  ] as const;
  for (const { script, signal, stopped } of both) {
    script.process.kill(signal);
    assert.equal(await script.ended(), 0);
    assert.match(script.stdout(), stopped);
  }
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.startsWith('feeling-api-run-')),
    [],
  );
});

/** Returns the addresses on which a process and its descendants accept connections and datagrams. */
async function listeningAddresses(root: number): Promise<string[]> {
  const inodes = new Set<string>();
  for (const pid of await treeOf(root)) {
    for (const fd of await readdir(`/proc/${pid}/fd`)) {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')) ?? [];
      if (inode) inodes.add(inode);
    }
  }
  const addresses: string[] = [];
  // The states of a socket that listens, and of a bound one of UDP (proc_pid_net(5)).
  for (const [table, state] of [
    ['tcp', '0A'],
    ['tcp6', '0A'],
    ['udp', '07'],
    ['udp6', '07'],
  ] as const) {
    const lines = (await readFile(`/proc/${root}/net/${table}`, 'utf8').catch(() => '')).trimEnd().split('\n').slice(1);
    for (const line of lines) {
      const [, local = '', , seen, , , , , , inode = ''] = line.trim().split(/\s+/);
      const [address = ''] = local.split(':');
      if (seen === state && inodes.has(inode))
        addresses.push(address === '0100007F' ? '127.0.0.1' : `${table} ${address}`);
    }
  }
  return addresses;
}

async function treeOf(root: number): Promise<number[]> {
  const tree = [root];
  for (const pid of tree) {
    for (const task of await readdir(`/proc/${pid}/task`).catch(() => [])) {
      const children = await readFile(`/proc/${pid}/task/${task}/children`, 'utf8').catch(() => '');
      tree.push(...children.split(' ').filter(Boolean).map(Number));
    }
  }
  return tree;
}
