/** `npm start` with the timeline, and without it. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import request from 'supertest';
import { z } from 'zod';
import { runScript } from '../../infra/scripts/running-script.ts';
import { longOnly } from '../harness/long-form.ts';
import { changesOf } from '../harness/served-timeline.ts';
import { serveEnvironment } from '../harness/test-configuration.ts';

const addresses = z.object({ url: z.string(), docsUrl: z.string() });

async function start(args: string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'feeling-api-test-'));
  const script = runScript('infra/local/cli/serve.ts', args, serveEnvironment(folder));
  return {
    script,
    ...addresses.parse(await script.tells('ready')),
    async [Symbol.asyncDispose]() {
      script.process.kill('SIGKILL');
      await script.ended();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

test('npm start shows each request at /requests, with the places of the sources, and stops while a page is live', async () => {
  await using served = await start([]);
  const { url, docsUrl, script } = served;
  await request(docsUrl)
    .get('/requests')
    .expect(200, /<title>Requests/);
  assert.match((await request(docsUrl).get('/')).text, /href="\/requests"/);
  const changes = changesOf(`${docsUrl}/requests/events`);
  await changes.next();
  await request(url).post('/feeling').send({ emoji_type: 0, message: 'hi' }).expect(200);
  const { value } = await changes.next();
  const [entry] = value?.entries ?? [];
  assert.deepEqual([entry?.method, entry?.path, entry?.status, entry?.cold], ['POST', '/feeling', 200, true]);
  const { body } = await request(docsUrl).get(`/requests/${encodeURIComponent(entry?.id ?? '')}.json`);
  assert.match(body.log.join(), /INFO .*"feeling":"positive"/);
  script.process.kill('SIGTERM');
  assert.equal((await changes.next()).done, true);
  assert.equal(await script.ended(), 0);
});

test('npm start --no-timeline keeps nothing, and says how to switch it on', longOnly, async () => {
  await using served = await start(['--no-timeline']);
  const { url, docsUrl } = served;
  await request(url).get('/nowhere').expect(404);
  for (const path of ['/requests', '/requests.json', '/requests/events', '/requests.js']) {
    await request(docsUrl)
      .get(path)
      .expect(404, /start without --no-timeline/);
  }
  assert.doesNotMatch((await request(docsUrl).get('/')).text, /\/requests/);
});
