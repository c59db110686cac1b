/** What `npm start` shows to the network, and what a request can make it print. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { localClient } from './lambda-client.ts';
import { onlyAnswer } from './local-runtime/wire.ts';
import { runScript, type Script } from './scripts.ts';

let folder: string;
let script: Script;
let url: string;
let lambdaUrl: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'feeling-api-test-'));
  const env = { PORT: '0', LAMBDA_PORT: '0', QUEUE_DIRECTORY: join(folder, 'queues'), TMPDIR: folder };
  script = runScript('infra/local/serve.ts', ['-c', 'logLevel=DEBUG'], env);
  [, url = '', lambdaUrl = ''] = await script.says(/The API is served at (\S+), Lambda's Invoke operation at (\S+)/);
  await script.says(/Ready in .*\n\n/);
});
after(async () => {
  script.process.kill('SIGINT');
  await script.ended();
  await rm(folder, { recursive: true, force: true });
});

async function post(message: string, headers = ''): Promise<void> {
  const body = JSON.stringify({ emoji_type: 0, message });
  const { status, body: answer } = await onlyAnswer(
    url,
    `POST /feeling HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`,
  );
  assert.equal(status, 200);
  assert.equal(JSON.parse(answer).message, message);
}

async function invoke(FunctionName: string, payload: object): Promise<void> {
  const client = localClient(lambdaUrl);
  await client
    .send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(payload) }))
    .finally(() => client.destroy());
}

const linuxOnly = process.platform === 'linux' ? {} : { skip: 'it is read from /proc, which only Linux has' };

test('nothing listens but on 127.0.0.1', linuxOnly, async (t) => {
  await post('a process of each function');
  await invoke('feeling-direct-dev', { emoji_type: 0, message: 'hi' });
  await script.says(/Invoke feeling-direct-dev RequestResponse \S+ 200 .*\n/);
  const addresses = await listeningAddresses(script.process.pid ?? 0);
  // Two servers, and a Runtime API for each of the two processes.
  assert.equal(addresses.length, 4);
  assert.deepEqual(new Set(addresses), new Set(['127.0.0.1']));
  t.diagnostic(`evidence: listening sockets, all on 127.0.0.1=${addresses.length}`);
});

describe('what a request carries is one line of the log, and steers no terminal', () => {
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
  let start: number;

  /** The lines printed since, once as many as these have come: of what any reader takes for a line. */
  async function linesUntil(last: RegExp): Promise<string[]> {
    await script.says(new RegExp(`^[^]{${start}}[^]*${last.source}[^\\n]*\\n`));
    const printed = script.output().slice(start);
    assert.doesNotMatch(printed.replaceAll('\n', ''), /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
    return printed.trimEnd().split('\n');
  }

  for (const [what, text] of Object.entries(forgeries)) {
    test(what, async (t) => {
      start = script.output().length;
      await post(
        text,
        `X-Forged: ${Buffer.from(text)
          .toString('latin1')
          .replace(/[^\x20-\x7e\x80-\xff]/g, '')}\r\n`,
      );
      const [info = '', debug = '', access, ...none] = await linesUntil(/POST \/feeling 200/);
      assert.deepEqual(none, []);
      assert.equal(JSON.parse(info).message.feeling, 'positive');
      assert.equal(JSON.parse(debug).message.message, text);
      assert.match(access ?? '', /^POST \/feeling 200 [\d.]+ ms( cold)?$/);

      start = script.output().length;
      const target = `/${encodeURIComponent(text)}`;
      const { status } = await onlyAnswer(url, `GET ${target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`);
      assert.equal(status, 404);
      const [refused, ...more] = await linesUntil(/ 404 /);
      assert.match(refused ?? '', /^GET \/.* 404 [\d.]+ ms$/);
      assert.deepEqual(more, []);

      start = script.output().length;
      const path = `/2015-03-31/functions${target}/invocations`;
      const host = new URL(lambdaUrl).host;
      const length = 'Content-Length: 0\r\nConnection: close\r\n';
      await onlyAnswer(lambdaUrl, `POST ${path} HTTP/1.1\r\nHost: ${host}\r\n${length}\r\n`);
      const [called, ...others] = await linesUntil(/Invoke [^\n]* 400 /);
      assert.match(called ?? '', /^Invoke .* 400 [\d.]+ ms$/);
      assert.deepEqual(others, []);
      t.diagnostic('evidence: forged log lines tried=3');
    });
  }
});

/** Where a process and all that it has started accept connections and datagrams. */
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
