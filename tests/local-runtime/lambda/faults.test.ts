/**
 * Environments that crash under load: exactly their requests fail, and nothing of them stays behind. FAULTS says how
 * often each fault is injected.
 */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Duration } from '../../harness/duration.ts';
import { openGate } from '../../harness/gate.ts';
import { send } from '../../harness/http-client.ts';
import { longOnly } from '../../harness/long-form.ts';
import { isAlive, serve } from '../../harness/test-stack.ts';
import { Load, type LoadTarget, type Outcome } from '../../load/load.ts';
import { linuxOnly, socketsAndPipesOf } from '../../load/process-facts.ts';

const faults = Number(process.env['FAULTS'] ?? 1);

const gate = await openGate();
after(() => gate[Symbol.asyncDispose]());
const environment = { GATE: gate.url };

const stack = await serve(
  {
    // Waits at the gate if the query is `hold`. Returns the body, the process id and the version of its code.
    works: {
      code: `
        const code = 'old';
        export const handler = async ({ rawQueryString, body }) => {
          if (rawQueryString === 'hold') await (await fetch(process.env.GATE + '?pid=' + process.pid)).text();
          return { statusCode: 200, body: JSON.stringify([body, process.pid, code]) };
        };`,
      route: 'POST /works',
      options: { environment, timeout: Duration.seconds(2) },
    },
    leaks: {
      code: `
        const kept = [];
        export const handler = ({ body }) => {
          kept.push(Buffer.alloc(2_000_000, 1));
          return { statusCode: 200, body: JSON.stringify([body, process.pid]) };
        };`,
      route: 'POST /leaks',
      options: { memorySize: 128 },
    },
    // A child process keeps its output open after it has exited.
    ends: {
      code: `
        import { spawn } from 'node:child_process';
        export const handler = () => {
          spawn(process.execPath, ['-e', 'setTimeout(() => {}, 10_000)'], { stdio: 'inherit', detached: true }).unref();
          return process.pid;
        };`,
    },
  },
  { runtime: { maxEnvironments: 3 } },
);
after(() => stack[Symbol.asyncDispose]());

const internalServerError = '{"message":"Internal Server Error"}';

/** A function that returns its body. Emits `answer` with the process id and the code of each response. */
class Echo implements LoadTarget {
  readonly url = stack.url;
  readonly path: string;
  readonly headers = '';
  readonly answered = new EventEmitter<{ answer: [pid: number, code: string] }>();

  constructor(path: string) {
    this.path = path;
  }

  body(id: string): string {
    return Buffer.from(id).toString('latin1');
  }

  complaint({ status, body }: { status: number; body: string }, id: string): string | undefined {
    if (status === 500 && body === internalServerError) return undefined;
    const wrong = `${status} ${body} to ${id}`;
    if (status !== 200) return wrong;
    const [echoed, pid, code] = JSON.parse(body);
    this.answered.emit('answer', pid, code);
    // A body without a content type reaches the function in base64.
    return Buffer.from(echoed, 'base64').toString() === id ? undefined : wrong;
  }
}

function hold(): Promise<{ status: number; body: string }> {
  return send(`${stack.url}/works?hold`, { method: 'POST', body: 'held' });
}

function assertOnlyFails(count: number, { statuses, wrong, unanswered }: Outcome): void {
  assert.deepEqual(wrong, []);
  assert.deepEqual([statuses[500] ?? 0, unanswered], [count, 0], JSON.stringify(statuses));
}

describe('under load', longOnly, () => {
  test('a killed environment fails its one request', async (t) => {
    const load = await Load.start(new Echo('/works'), 10);
    for (let fault = 0; fault < faults; fault++) {
      const held = [hold(), hold()];
      const [one, two] = [await gate.arrival(), await gate.arrival()];
      for (const { pid } of [one, two]) process.kill(pid, 'SIGKILL');
      for (const { status, body } of await Promise.all(held))
        assert.deepEqual([status, body], [500, internalServerError]);
      await load.more(50);
    }
    assertOnlyFails(0, await load.stop());
    t.diagnostic(`evidence: faults: environment killed=${2 * faults}`);
  });

  test('a paused environment is killed at its timeout, and fails its one request', async (t) => {
    const load = await Load.start(new Echo('/works'), 10);
    const held = hold();
    const { pid, gone, release } = await gate.arrival();
    process.kill(pid, 'SIGSTOP');
    // It could respond if it were running.
    release();
    await load.more(50);
    assert.deepEqual(await held, { ...(await held), status: 500, body: internalServerError });
    await gone;
    assert.equal(isAlive(pid), false);
    await load.more(50);
    assertOnlyFails(0, await load.stop());
    t.diagnostic('evidence: faults: environment stopped=1');
  });

  test('a function that leaks memory is killed again and again, and fails one request each time at most', async (t) => {
    const echo = new Echo('/leaks');
    const environments = new Set<number>();
    const { promise: enough, resolve: ended } = Promise.withResolvers<void>();
    echo.answered.on('answer', (pid) => {
      environments.add(pid);
      // Three are running, the others were killed.
      if (environments.size === faults + 3) ended();
    });
    const load = await Load.start(echo, 3);
    await enough;
    const outcome = await load.stop();
    const killed = [...environments].filter((pid) => !isAlive(pid)).length;
    assert(killed >= faults, `${killed} were killed`);
    const failed = outcome.statuses[500] ?? 0;
    // An environment that was killed during its first request has not responded, and is not counted.
    assert(failed <= killed + 3, `${failed} requests failed by ${killed} that were killed`);
    assertOnlyFails(failed, outcome);
    t.diagnostic(`evidence: faults: leaking environment killed=${killed}`);
  });

  test('code that is replaced on the disk runs in new environments, while old ones keep the old code', async (t) => {
    const echo = new Echo('/works');
    const codes = new Map<number, Set<string>>();
    echo.answered.on('answer', (pid, code) => codes.set(pid, (codes.get(pid) ?? new Set()).add(code)));
    const load = await Load.start(echo, 10);
    await load.more(100);
    const old = [...codes.keys()];
    const fn = stack.runtime.assembly.functions.find(({ name }) => name === 'works');
    assert(fn);
    const file = join(fn.directory, 'works.mjs');
    await writeFile(`${file}.new`, (await readFile(file, 'utf8')).replace("'old'", "'new'"));
    await rename(`${file}.new`, file);
    await load.more(100);
    assert.deepEqual([...codes.keys()], old);

    const answered = once(echo.answered, 'answer');
    for (const pid of old) process.kill(pid, 'SIGKILL');
    await answered;
    await load.more(200);
    const outcome = await load.stop();
    const failed = outcome.statuses[500] ?? 0;
    assert(failed <= old.length, `${failed} requests failed by ${old.length} that were killed`);
    assertOnlyFails(failed, outcome);
    for (const [pid, seen] of codes) assert.deepEqual([...seen], [old.includes(pid) ? 'old' : 'new']);
    assert(codes.size > old.length);
    t.diagnostic('evidence: faults: code replaced=1');
  });
});

test('an idle environment that crashed gets no invocation while its output is still open', async () => {
  const get = () => send(`${stack.url}/ends`);
  const first = await get();
  assert.equal(first.status, 200);
  const pid = Number(first.body);
  process.kill(pid, 'SIGKILL');
  for (let tries = 0; isAlive(pid) && tries < 1000; tries++) await send(`${stack.url}/nowhere`);
  assert.equal(isAlive(pid), false);
  const next = await get();
  assert.equal(next.status, 200);
  assert.notEqual(next.body, first.body);
});

test('crashed environments leave no socket, no pipe and no process', linuxOnly, async () => {
  const before = await socketsAndPipesOf('self');
  const pids = new Set<number>();
  {
    await using broken = await serve({
      exits: { code: () => process.exit(1) },
      hangs: {
        code: () => {
          for (;;);
        },
        options: { timeout: Duration.seconds(1) },
      },
      tells: { code: () => process.pid },
    });
    pids.add(Number((await send(`${broken.url}/tells`)).body));
    for (const path of ['exits', 'exits', 'hangs']) {
      assert.equal((await send(`${broken.url}/${path}`)).status, 500);
    }
  }
  // Some of the earlier tests may still have been closing.
  const left = await socketsAndPipesOf('self');
  assert(left <= before, `${left} are open, not ${before}`);
  assert.deepEqual([...pids].filter(isAlive), []);
});
