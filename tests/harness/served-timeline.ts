/** Functions with the timeline of their runtime, as npm start serves both. */
import assert from 'node:assert/strict';
import { DocsServer } from '../../infra/local/docs/docs-server.ts';
import type { LocalRuntimeOptions } from '../../infra/local/local-runtime-options.ts';
import type { Changes, EntryDetail, EntrySummary } from '../../infra/local/timeline/entry-json.ts';
import { Timeline, type TimelineOptions } from '../../infra/local/timeline/timeline.ts';
import { type Reply, send } from './http-client.ts';
import { serve, type TestApi, type TestFunction, type TestStack } from './test-stack.ts';

export interface ServedTimeline extends AsyncDisposable {
  stack: TestStack;
  docs: DocsServer;
  /** Of the page, without a path. */
  url: string;
  list(after?: number): Promise<Changes>;
  detail(id: string): Promise<EntryDetail>;
  replay(id: string, edits?: object): Promise<Reply>;
  /** Waits for an entry that matches, as it comes with the server-sent events. */
  until(matches: (entry: EntrySummary) => boolean): Promise<EntrySummary>;
}

/** Serves functions and their timeline on any free ports. */
export async function serveTimeline(
  functions: Record<string, TestFunction>,
  { runtime, ...api }: TestApi = {},
  options: TimelineOptions = {},
): Promise<ServedTimeline> {
  const timeline = new Timeline(options);
  const hooks: Partial<LocalRuntimeOptions> = { report: timeline.report, record: timeline.record };
  const stack = await serve(functions, { ...api, runtime: { ...runtime, ...hooks } });
  const docs = await DocsServer.start(stack.url, 0, undefined, { timeline, lambdaUrl: stack.runtime.lambdaUrl });
  const { url } = docs;
  const read = async (path: string) => {
    const { status, body } = await send(`${url}${path}`);
    assert.equal(status, 200, body);
    return JSON.parse(body);
  };
  return {
    stack,
    docs,
    url,
    list: (after) => read(after === undefined ? '/requests.json' : `/requests.json?after=${after}`),
    detail: (id) => read(`/requests/${encodeURIComponent(id)}.json`),
    replay: (id, edits = {}) =>
      send(`${url}/requests/${encodeURIComponent(id)}/replay`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(edits),
      }),
    async until(matches) {
      for await (const { entries } of changesOf(`${url}/requests/events`)) {
        const found = entries.find(matches);
        if (found) return found;
      }
      throw new Error('The events ended.');
    },
    async [Symbol.asyncDispose]() {
      await docs.stop();
      await stack[Symbol.asyncDispose]();
    },
  };
}

/** Reads server-sent events until the reader leaves or the server ends them. */
export async function* changesOf(url: string, headers: Record<string, string> = {}): AsyncGenerator<Changes> {
  const left = new AbortController();
  try {
    const response = await fetch(url, { headers, signal: left.signal });
    assert.equal(response.status, 200);
    assert(response.body);
    let text = '';
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      const events = (text + chunk).split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) {
        const data = /^data: (.*)$/m.exec(event)?.[1];
        if (data !== undefined) yield JSON.parse(data);
      }
    }
  } finally {
    left.abort();
  }
}
