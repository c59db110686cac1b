/** Clients of the last release: what would break them is found, and what they send and get is still right. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { z } from 'zod';
import { releasedContract } from '../../infra/contract/breaking-changes.ts';
import { projectRoot } from '../../infra/project-root.ts';
import { runScript } from '../../infra/scripts/running-script.ts';
import { serveStack, synthesiseStack } from '../harness/feeling-api.ts';
import { longOnly } from '../harness/long-form.ts';

const current = await readFile(join(projectRoot, 'openapi.yaml'), 'utf8');
const released = await readFile(releasedContract, 'utf8');
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'feeling-api-released-'));
});
after(() => rm(folder, { recursive: true, force: true }));

/** Returns the text with one line replaced, or fails. */
function replaced(text: string, pattern: RegExp, by: string): string {
  assert.match(text, pattern);
  return text.replace(pattern, by);
}

/** Runs npm run compat as if a contract had been released. */
async function compat(contract: string) {
  const file = join(folder, `${crypto.randomUUID()}.yaml`);
  await writeFile(file, contract);
  const script = runScript('infra/scripts/compat.ts', ['--released', file]);
  return { exitCode: await script.ended(), output: script.output() };
}

/** What the last release had, so that openapi.yaml lacks it or asks for more: a pattern, its text then, the report. */
const breaks: [RegExp, string, RegExp][] = [
  [/^components:$/m, '  /mood:\n    post:\n      responses: {}\n\ncomponents:', /Path .*mood.* was removed/],
  [
    /^ {2}\/mood:\n {4}post:$/m,
    '$&\n      x-queue-messages:\n        request: {}\n        answer: {}',
    /Path .*queue messages of POST \/mood.* was removed/,
  ],
  [
    /(x-queue-messages:\n {8}request:\n) {10}\$ref: .*/,
    '$1          type: object\n          properties:\n            emoji_type:\n              type: number',
    /queue messages of POST \/feeling.*became required: `emoji_type`/,
  ],
  [
    /required: \[id, source, feeling, message\]/,
    'required: [id, source, feeling, message, since]',
    /queue messages of POST \/feeling.*`since`/,
  ],
  [/^ {4}post:$/m, '    trace:\n      responses: {}\n    post:', /Operation .*TRACE.* was removed/i],
  [/^ {8}'429':$/m, "        '418':\n          description: Teapot\n        '429':", /418.* was removed/],
  [
    /^ {4}HeadersTooLarge:\n.*\n.*\n {6}content:$/m,
    '    HeadersTooLarge:\n      description: None\n      content:\n        text/plain:\n          schema:\n            type: string',
    /text\/plain.* was removed/,
  ],
  [/required: \[emoji_type, message\]/, 'required: [message]', /became required: `emoji_type`/],
  [/^( {10}type: string\n {10})maxLength: 65536$/m, '$1maxLength: 99999', /`maxLength` of `message` changed/],
  [/^ {10}type: number$/m, '          type: string', /type.* `emoji_type`/],
  [/enum: \[positive, neutral, negative\]/, 'enum: [positive, neutral]', /gained values: 'negative'/],
  [/required: \[pointer, detail\]\n +properties:/, '$&\n        since:\n          type: string', /`since`/],
  [/required: \[errorType, errorMessage, trace\]/, 'required: [errorType, errorMessage, trace, cause]', /`cause`/],
];

describe('npm run compat', { concurrency: 2 }, () => {
  const broken = breaks.reduce((text, [pattern, by]) => replaced(text, pattern, by), current);

  test('names everything that breaks clients of the last release, with its line', async () => {
    const { exitCode, output } = await compat(broken);
    assert.equal(exitCode, 1, output);
    assert.match(output, /^openapi\.yaml breaks clients of \d+\.\d+\.\d+:\nopenapi\.yaml:\d+:\d+: /);
    for (const [, , report] of breaks) assert.match(output, report);
    assert.match(output, /\nUndo that, or release a new major version: npm run release -- major\n$/);
  });

  test('lets a new major version break them', async () => {
    const { exitCode, output } = await compat(replaced(broken, /^ {2}version: .*$/m, '  version: 0.9.0'));
    assert.equal(exitCode, 0, output);
    assert.match(output, /breaks clients of 0\.9\.0, as a major version may\.\n$/);
  });

  test('lets the contract grow', longOnly, async () => {
    const smaller = [
      [/^ {8}'413':\n.*\n/m, ''],
      [/^( {10}type: string\n {10})maxLength: 65536$/m, '$1maxLength: 10'],
      [/^ {8}detail:\n {10}description: What the member[^\n]*\n {10}type: string\n/m, ''],
      [/required: \[pointer, detail\]/, 'required: [pointer]'],
    ] as const;
    const { exitCode, output } = await compat(
      smaller.reduce((text, [pattern, by]) => replaced(text, pattern, by), current),
    );
    assert.equal(exitCode, 0, output);
    assert.match(output, /breaks no client of .*\. Its changes ask for a bump: minor\.\n$/);
  });
});

const media = z.looseObject({
  schema: z.unknown(),
  examples: z.record(z.string(), z.object({ value: z.unknown() })).default({}),
});
const response = z.looseObject({ $ref: z.string().optional(), content: z.record(z.string(), media).default({}) });
const operation = z.looseObject({
  requestBody: z.looseObject({ content: z.record(z.string(), media) }).optional(),
  responses: z.record(z.string(), response),
});
const documentShape = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.looseObject({ responses: z.record(z.string(), response).default({}), schemas: z.unknown() }),
});

/** Reads the operations of a contract, with the responses that they refer to. */
function operationsOf(text: string) {
  const { paths, components } = documentShape.parse(parse(text));
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, { requestBody, responses }]) => {
      const resolved = Object.entries(responses).map(([status, one]) => {
        const named = components.responses[one.$ref?.replace(/^.*\//, '') ?? ''];
        return [status, (named ?? one).content] as const;
      });
      const examples = requestBody?.content['application/json']?.examples ?? {};
      return { key: `${method.toUpperCase()} ${path}`, method, path, examples, responses: new Map(resolved) };
    }),
  );
  return { operations, components };
}

describe('what clients of the last release see', () => {
  const then = operationsOf(released);
  const now = operationsOf(current);
  const ajv = new Ajv({ strict: false });
  ajv.addSchema({ $id: 'released', components: then.components });

  /** Fails unless a body is one that the last release documents. Takes more members: a right client ignores them. */
  function check(key: string, status: string, mediaType: string, body: unknown): void {
    const schema = then.operations.find((one) => one.key === key)?.responses.get(status)?.[mediaType]?.schema;
    assert(schema, `${status} ${mediaType} of ${key} was not documented`);
    const validate = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"released#/')));
    assert(validate(body), `${key} ${status}: ${ajv.errorsText(validate.errors)}: ${JSON.stringify(body)}`);
  }

  test('every example of a request gets an answer that was documented', async () => {
    await using stack = await synthesiseStack();
    await using api = await serveStack(stack.directory);
    for (const { key, method, path, examples } of then.operations) {
      for (const { value } of Object.values(examples)) {
        const headers = { 'content-type': 'application/json' };
        const init = { method: method.toUpperCase(), headers, body: JSON.stringify(value) };
        const response = await fetch(`${api.url}${path}`, init);
        assert.equal(response.status, 200);
        check(key, '200', response.headers.get('content-type') ?? '', await response.json());
      }
    }
  });

  for (const { key, responses } of now.operations.filter((one) => then.operations.some(({ key }) => key === one.key))) {
    for (const [status, content] of responses) {
      for (const [mediaType, { examples }] of Object.entries(content)) {
        if (!then.operations.find((one) => one.key === key)?.responses.get(status)?.[mediaType]) continue;
        test(`${key} ${status} ${mediaType}: every example of now was right then`, () => {
          assert(Object.keys(examples).length > 0);
          for (const { value } of Object.values(examples)) check(key, status, mediaType, value);
        });
      }
    }
  }
});
