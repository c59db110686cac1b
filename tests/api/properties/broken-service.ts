/** Services that break the contract, each in one way: the real one, with its answers altered on their way. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

interface Answer {
  status: number;
  contentType: string;
  body: Record<string, unknown>;
}

/** @param before what was answered to the request before, undefined for the first */
export type Alteration = (answer: Answer, before: Answer | undefined) => Answer;

function bodyOf200(change: (body: Answer['body'], before: Answer | undefined) => Answer['body']): Alteration {
  return (answer, before) => (answer.status === 200 ? { ...answer, body: change(answer.body, before) } : answer);
}

/** What is broken, how, and what is to be said of it. */
export const alterations: [string, Alteration, RegExp][] = [
  ['an undocumented member', bodyOf200((body) => ({ ...body, mood: 'good' })), /must NOT have additional properties/],
  [
    'a feeling that there is not',
    bodyOf200((body) => ({ ...body, feeling: 'happy' })),
    /must be equal to one of the allowed values/,
  ],
  ['the wrong feeling', bodyOf200((body) => ({ ...body, feeling: 'neutral' })), /feeling: 'neutral'/],
  [
    'the wrong media type',
    (answer) => ({ ...answer, contentType: 'text/json' }),
    /content-type "text\/json" is not documented/,
  ],
  [
    'an undocumented status',
    (answer) => (answer.status === 200 ? { ...answer, status: 201 } : answer),
    /status 201 is not documented/,
  ],
  [
    'accepts everything',
    (answer) =>
      answer.status === 400
        ? { ...answer, status: 200, contentType: 'application/json', body: { feeling: 'negative', message: '' } }
        : answer,
    /kind: 'answer'/,
  ],
  [
    'a message that is trimmed',
    bodyOf200((body) => ({ ...body, message: String(body['message']).trim() })),
    /message: /,
  ],
  [
    "one request's message in another's answer",
    bodyOf200((body, before) => ({
      ...body,
      message: before?.status === 200 ? before.body['message'] : body['message'],
    })),
    /message: /,
  ],
  [
    'a pointer to the wrong member',
    (answer) =>
      'errors' in answer.body
        ? { ...answer, body: { ...answer.body, errors: [{ pointer: '#/mood', detail: 'is bad' }] } }
        : answer,
    /#\/mood/,
  ],
  [
    'a fault that is not told',
    ({ body, ...answer }) => ({
      ...answer,
      body: Array.isArray(body['errors']) ? { ...body, errors: body['errors'].slice(0, 1) } : body,
    }),
    /pointers: /,
  ],
];

/** Serves a service with its answers altered, on any free port. */
export async function servedAltered(url: string, alteration: Alteration): Promise<AsyncDisposable & { url: string }> {
  let before: Answer | undefined;
  const server = createServer(async (request, response) => {
    const passed = await fetch(new URL(request.url ?? '/', url), {
      method: request.method ?? 'GET',
      headers: { 'content-type': request.headers['content-type'] ?? '' },
      body: await buffer(request),
    });
    const seen = {
      status: passed.status,
      contentType: passed.headers.get('content-type') ?? '',
      body: JSON.parse(await passed.text()),
    };
    const { status, contentType, body } = alteration(seen, before);
    before = seen;
    const headers = Object.fromEntries(passed.headers);
    const text = JSON.stringify(body);
    response.writeHead(status, { ...headers, 'content-type': contentType, 'content-length': Buffer.byteLength(text) });
    response.end(text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
