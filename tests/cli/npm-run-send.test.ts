/** `npm run send`, and the four commands of the README, on the queues of the stack. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { runScript, type Script } from '../../infra/scripts/running-script.ts';
import { queueClient } from '../harness/queues.ts';
import { serveEnvironment } from '../harness/test-configuration.ts';

const folder = await mkdtemp(join(tmpdir(), 'feeling-api-test-'));
after(() => rm(folder, { recursive: true, force: true }));

let script: Script;
let endpoint: string;
before(async () => {
  script = runScript('infra/local/cli/serve.ts', ['-c', 'sources=queue,topic,bus'], serveEnvironment(folder));
  endpoint = String((await script.tells('ready'))['lambdaUrl']);
});
after(() => void script.process.kill('SIGTERM'));

const send = (...words: string[]) => runScript('infra/scripts/send.ts', ['--endpoint', endpoint, ...words]);

describe('npm run send', () => {
  test('prints the answer to its message, and takes it from the queue', async () => {
    const run = send('queue', '{"emoji_type":0,"message":"hi 🎉"}');
    assert.equal(await run.ended(), 0, run.output());
    const answer = JSON.parse(/^\{.*\}$/m.exec(run.output())?.[0] ?? '');
    assert.deepEqual([answer.feeling, answer.message, answer.source], ['positive', 'hi 🎉', 'aws:sqs']);
    using client = queueClient(endpoint);
    assert.deepEqual(await client.receive('feeling-answers-dev', 0), []);
  });

  test('ends with 1 for a message that has no answer', async () => {
    const run = send('--timeout', '2', 'queue', 'poison');
    assert.equal(await run.ended(), 1);
    assert.match(run.output(), /No answer within 2 s\. Is the message valid\?/);
  });

  const wrong: [string[], RegExp][] = [
    [['queue'], /^Write queue and one message, in single quotes\. Help: npm run send -- --help\n$/],
    [['topic', '{}'], /^Write queue and one message/],
    [['--timeout', '0', 'queue', '{}'], /^--timeout 0: write a whole number from 1 to 300/],
    [['--stage', 'prod', 'queue', '{}'], /^There is no such queue\. Does the stage have -c sources=queue\?\n$/],
  ];
  for (const [words, message] of wrong) {
    test(`refuses ${words.join(' ')}`, async () => {
      const run = send(...words);
      assert.equal(await run.ended(), 1);
      assert.match(run.output(), message);
    });
  }

  test('says what to do where nothing answers', async () => {
    const run = runScript('infra/scripts/send.ts', ['--endpoint', 'http://127.0.0.1:1', 'queue', '{}']);
    assert.equal(await run.ended(), 1);
    assert.match(run.output(), /Nothing answers at this address\. Start it with: npm start\n/);
  });
});

test('a stop ends the polls and the thread of the queues, and then everything else', async () => {
  script.process.kill('SIGTERM');
  assert.equal(await script.ended(), 0);
  assert(await script.tells('stopped'));
  assert(!(await readdir(join(folder, 'queues'))).some((name) => name.endsWith('.pid')));
});
