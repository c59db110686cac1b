/** `npm run dev -- --inspect`, with a client of the inspector's protocol, as a debugger is one. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { SourceMap } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import request from 'supertest';
import { z } from 'zod';
import { projectRoot } from '../../infra/project-root.ts';
import { runScript } from '../../infra/scripts/running-script.ts';
import { longOnly } from '../harness/long-form.ts';
import { serveEnvironment } from '../harness/test-configuration.ts';
import { DevSession, rule, ruleThatReturns } from './dev-session.ts';

const rulePath = join(projectRoot, rule);
let dev: DevSession;

before(async () => {
  const args = ['--inspect', '-c', 'timeoutSeconds=1'];
  dev = await DevSession.start(args, { INSPECT_PORT: '0' });
});
after(() => dev[Symbol.asyncDispose]());

const scriptShape = z.object({ scriptId: z.string(), url: z.string(), sourceMapURL: z.string() });
type Script = z.infer<typeof scriptShape>;

/** A debugger of one process. */
class Debugger implements Disposable {
  private readonly socket: WebSocket;
  private readonly events = new EventEmitter<Record<string, [params: Record<string, unknown>]>>();
  private readonly responses = new EventEmitter<Record<string, [result: Record<string, unknown>]>>();
  private calls = 0;

  static async attach(url: string): Promise<Debugger> {
    const socket = new WebSocket(url);
    const attached = new Debugger(socket);
    await once(socket, 'open');
    return attached;
  }

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.addEventListener('message', ({ data }) => {
      const { id, method, params, result } = JSON.parse(String(data));
      if (id === undefined) this.events.emit(method, params);
      else this.responses.emit(String(id), result);
    });
  }

  async send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.calls;
    const response = once(this.responses, String(id));
    this.socket.send(JSON.stringify({ id, method, params }));
    return (await response)[0];
  }

  /** Waits for the next event of a name. */
  async next(method: string): Promise<Record<string, unknown>> {
    return (await once(this.events, method))[0];
  }

  /** Waits for the script of a bundle. */
  async bundle(): Promise<Script> {
    const { promise, resolve } = Promise.withResolvers<Script>();
    this.events.on('Debugger.scriptParsed', (script) => {
      if (/(?:asset|bundle-)[^/]*\/index\.mjs$/.test(String(script['url']))) resolve(scriptShape.parse(script));
    });
    await this.send('Debugger.enable');
    return promise;
  }

  [Symbol.dispose](): void {
    this.socket.close();
  }
}

/** Sends a request, and waits until its process has its inspector. @returns the inspector's address */
async function inspectorOf(answer: PromiseLike<request.Response>): Promise<string> {
  const listening = (line: unknown) => /^Debugger listening on (ws:\S+)$/.exec(String(line));
  const known = dev.script.told().length;
  const [told] = await Promise.all([
    dev.script.tells('log', (one) => dev.script.told().indexOf(one) >= known && listening(one['line']) !== null),
    answer,
  ]);
  return listening(told['line'])?.[1] ?? '';
}

/** Returns every place in a text. */
function placesOf(text: string) {
  return text
    .split('\n')
    .flatMap((line, lineNumber) => Array.from(line, (_, columnNumber) => ({ lineNumber, columnNumber })));
}

const post = () => request(dev.url).post('/feeling').send({ emoji_type: 7, message: 'hi' });

test('a breakpoint in the source stops the function for longer than its timeout, and the request succeeds', async () => {
  const inspecting = await dev.script.tells('inspecting');
  assert.equal(inspecting['waits'], false);
  using attached = await Debugger.attach(await inspectorOf(post()));
  const { sourceMapURL, scriptId } = await attached.bundle();

  const [, json = ''] = /^data:application\/json;base64,(.*)$/.exec(sourceMapURL) ?? [];
  const map = new SourceMap(JSON.parse(Buffer.from(json, 'base64').toString()));
  const lineNumber = (await readFile(rulePath, 'utf8'))
    .split('\n')
    .findIndex((text) => text.includes('emojiType === 1'));
  const { scriptSource } = await attached.send('Debugger.getScriptSource', { scriptId });
  // As a debugger does: the first place of the bundle that comes from this line of the source.
  const place = placesOf(String(scriptSource)).find((one) => {
    const entry = map.findEntry(one.lineNumber, one.columnNumber);
    return 'originalSource' in entry && entry.originalSource.endsWith(rule) && entry.originalLine === lineNumber;
  });
  await attached.send('Debugger.setBreakpoint', { location: { scriptId, ...place } });

  const answer = post().then((response) => response);
  const paused = await attached.next('Debugger.paused');
  const { callFrames } = z
    .object({ callFrames: z.array(z.object({ callFrameId: z.string(), functionName: z.string() })).min(1) })
    .parse(paused);
  const [{ callFrameId, functionName } = assert.fail()] = callFrames;
  assert.equal(functionName, 'feelingOf');
  const { result } = await attached.send('Debugger.evaluateOnCallFrame', { callFrameId, expression: 'emojiType' });
  assert.deepEqual(result, { type: 'number', value: 7, description: '7' });
  // Longer than the timeout of the function, which is a second.
  const late = new Promise((resolve) => setTimeout(resolve, 1200, 'paused'));
  assert.equal(await Promise.race([answer, late]), 'paused');
  await attached.send('Debugger.resume');
  const { status, body } = await answer;
  assert.deepEqual({ status, body }, { status: 200, body: { feeling: 'negative', message: 'hi' } });
});

test('after an edit, the next process has an inspector too', longOnly, async () => {
  await dev.next('changed', () => dev.save(rule, ruleThatReturns('edited')));
  const answer = post().then((response) => response);
  using attached = await Debugger.attach(await inspectorOf(answer));
  assert.match((await attached.bundle()).sourceMapURL, /^data:/);
  assert.equal((await answer).body.feeling, 'edited');
});

test('an inspector port that is taken is named, with what to write', longOnly, async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  assert(address && typeof address === 'object');
  const env = {
    ...serveEnvironment(join(dev.folder, 'other')),
    TMPDIR: dev.folder,
    INSPECT_PORT: String(address.port),
  };
  const script = runScript('infra/local/cli/serve.ts', ['--inspect'], env);
  assert.equal(await script.ended(), 1);
  other.close();
  const said = `Port ${address.port} is taken. Stop the program that uses it, or choose others: INSPECT_PORT=9300 npm run dev`;
  assert(script.output().includes(said), script.output());
});
