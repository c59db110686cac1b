/**
 * The metric filters of the template, on real lines: the functions run under AWS's runtime client at every log level,
 * answer, refuse, and fail in every way there is.
 */
import assert from 'node:assert/strict';
import { copyFile, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { z } from 'zod';
import { readAssembly } from '../../infra/local/cloud-assembly/read-assembly.ts';
import { stageSchema } from '../../infra/stage-schema.ts';
import { FakeSqs, refuse } from '../harness/fake-sqs.ts';
import { type ServedStack, type SynthesisedStack, serveStack, synthesiseStack } from '../harness/feeling-api.ts';
import { localClient } from '../harness/lambda-client.ts';
import { isLongForm, longOnly } from '../harness/long-form.ts';
import { filterPattern } from './filter-pattern.ts';
import { failures, manyRecords, payloads } from './log-filters.cases.ts';

const levels = isLongForm ? stageSchema.shape.logLevel.options : (['INFO'] as const);

const triggers = ['http', 'direct', 'records'] as const;

const filterShape = z.object({
  Type: z.literal('AWS::Logs::MetricFilter'),
  Properties: z.object({
    FilterPattern: z.string(),
    LogGroupName: z.object({ Ref: z.string() }),
    MetricTransformations: z.tuple([z.object({ MetricName: z.string() })]),
  }),
});
const queryShape = z.object({ Properties: z.object({ Name: z.string(), QueryString: z.string() }) });

/** Whether a line matches, by the name of the metric and, since all functions have that of feelings, the function. */
const filters = new Map<string, (line: string) => boolean>();
let errorQuery: string;
let stack: SynthesisedStack;

before(async () => {
  stack = await synthesiseStack({ sources: 'queue' });
  const { Resources } = JSON.parse(await readFile(join(stack.directory, 'Feeling.template.json'), 'utf8'));
  for (const resource of Object.values<object>(Resources)) {
    const { data } = filterShape.safeParse(resource);
    if (!data) continue;
    const { FilterPattern, LogGroupName, MetricTransformations } = data.Properties;
    const trigger = triggers.find((one) => LogGroupName.Ref.includes(one));
    filters.set(`${trigger} ${MetricTransformations[0].MetricName}`, filterPattern(FilterPattern));
  }
  const queries = Object.values<object>(Resources).flatMap((resource) => queryShape.safeParse(resource).data ?? []);
  errorQuery =
    queries.find(({ Properties }) => Properties.Name.endsWith('/errors by type'))?.Properties.QueryString ?? '';
});

after(() => stack[Symbol.asyncDispose]());

/** Serves the stack at a level, with functions that fail when the event says how, and an SQS that gets the answers. */
async function serveFailing(level: string) {
  const copy = await mkdtemp(join(tmpdir(), 'feeling-api-test-'));
  await cp(stack.directory, copy, { recursive: true });
  const sqs = await FakeSqs.start();
  const template = join(copy, 'Feeling.template.json');
  const text = await readFile(template, 'utf8');
  const { Resources, ...rest } = JSON.parse(
    text
      .replaceAll('"ApplicationLogLevel": "INFO"', `"ApplicationLogLevel": "${level}"`)
      .replaceAll('"Timeout": 5', '"Timeout": 1'),
  );
  // The tests invoke the function for records themselves.
  const served = Object.entries<{ Type: string }>(Resources).filter(
    ([, { Type }]) => Type !== 'AWS::Lambda::EventSourceMapping',
  );
  await writeFile(template, JSON.stringify({ ...rest, Resources: Object.fromEntries(served) }));
  for (const { name, directory } of (await readAssembly(copy)).functions) {
    await copyFile(join(directory, 'index.mjs'), join(directory, 'deployed.mjs'));
    // Where an HTTP event has its headers, within the middlewares.
    const failing = name.includes('http')
      ? 'deployed(event.failure ? { ...event, get headers() { return fail(event.failure); } } : event, context)'
      : 'event.failure ? fail(event.failure) : deployed(event, context)';
    await writeFile(
      join(directory, 'index.mjs'),
      `import { handler as deployed } from './deployed.mjs';
       process.env.AWS_ENDPOINT_URL_SQS = '${sqs.url}';
       const fail = (code) => new Function(code)();
       export const handler = async (event, context) => ${failing};`,
    );
  }
  const api = await serveStack(copy);
  const client = localClient(api.runtime.lambdaUrl);
  return {
    sqs,
    /** Invokes a function. @returns the lines that its log group would have got */
    lines: async (trigger: string, event: object) => linesOf(api, client, trigger, event),
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      await api[Symbol.asyncDispose]();
      await sqs[Symbol.asyncDispose]();
      await rm(copy, { recursive: true });
    },
  };
}

async function linesOf(
  api: ServedStack,
  client: ReturnType<typeof localClient>,
  trigger: string,
  event: object,
): Promise<string[]> {
  api.log.splice(0);
  const command = { FunctionName: `feeling-${trigger}-dev`, Payload: JSON.stringify(event), LogType: 'Tail' as const };
  const { LogResult = '', Payload } = await client.send(new InvokeCommand(command));
  const report = JSON.parse(Buffer.from(LogResult, 'base64').toString().trimEnd().split('\n').at(-1) ?? '');
  const { errorType } = { errorType: undefined, ...JSON.parse(Payload?.transformToString() || 'null') };
  // Lambda's own report has the type of an error that ends the process (docs: telemetry-schema-reference).
  if (/^Runtime\./.test(errorType)) report.record.errorType = errorType;
  return [...api.log, JSON.stringify(report)];
}

const matching = (metric: string, lines: string[]) => {
  const matches = filters.get(metric) ?? assert.fail(`there is no filter for ${metric}`);
  return lines.filter(matches).length;
};

for (const level of levels) {
  describe(`at ${level}`, () => {
    let served: Awaited<ReturnType<typeof serveFailing>>;
    before(async () => {
      served = await serveFailing(level);
    });
    after(() => served[Symbol.asyncDispose]());

    for (const trigger of triggers) {
      const { valid, invalid } = payloads[trigger];
      const errors = `${trigger} feeling-${trigger}-errors`;
      const coldStarts = `${trigger} feeling-${trigger}-cold-starts`;
      const invalidEvents = `${trigger} feeling-${trigger}-invalid-events`;
      const hasInvalidEvents = trigger !== 'http';

      test(`${trigger}: a response and a refusal are no errors`, async () => {
        const cold = await served.lines(trigger, valid);
        assert.equal(matching(errors, cold), 0);
        assert.equal(matching(coldStarts, cold), 1);
        assert.equal(matching(`${trigger} feelings`, cold), ['TRACE', 'DEBUG', 'INFO'].includes(level) ? 1 : 0);

        const refused = await served.lines(trigger, invalid);
        assert.equal(matching(errors, refused), 0, refused.join('\n'));
        assert.equal(matching(coldStarts, refused), 0);
        assert.equal(matching(`${trigger} feelings`, refused), 0);
        if (hasInvalidEvents) assert.equal(matching(invalidEvents, refused), 1);
      });

      const form = trigger === 'records' ? longOnly : {};
      test(`${trigger}: each way to fail is one error, for the metric and for the query`, form, async () => {
        for (const [name, failure] of Object.entries(failures)) {
          const lines = await served.lines(trigger, { ...valid, failure });
          assert.equal(matching(errors, lines), 1, `${name}:\n${lines.join('\n')}`);
          assert.equal(lines.filter(findsError).length, 1, `the query misses ${name}:\n${lines.join('\n')}`);
          if (hasInvalidEvents) assert.equal(matching(invalidEvents, lines), 0, name);
        }
      });
    }

    test('records: each record is one point, and an answer that SQS refuses is one error', async () => {
      const isLogged = ['TRACE', 'DEBUG', 'INFO'].includes(level);
      const points = (lines: string[]) => ({
        feelings: matching('records feelings', lines),
        canaries: matching('records feeling-records-canaries', lines),
        invalid: matching('records feeling-records-invalid-events', lines),
        errors: matching('records feeling-records-errors', lines),
      });
      const lines = await served.lines('records', manyRecords);
      const answered = isLogged ? { feelings: 2, canaries: 1 } : { feelings: 0, canaries: 0 };
      assert.deepEqual(points(lines), { ...answered, invalid: 2, errors: 0 });

      served.sqs.next.push(refuse({ index: 0, Code: 'InvalidMessageContents' }));
      const refused = await served.lines('records', payloads.records.valid);
      assert.deepEqual(points(refused), { feelings: 0, canaries: 0, invalid: 0, errors: 1 });
    });
  });
}

test('the query for errors finds a lack of memory', () => {
  const record = { requestId: 'x', status: 'error', errorType: 'Runtime.OutOfMemory' };
  assert(findsError(JSON.stringify({ type: 'platform.report', record })));
  assert(!findsError(JSON.stringify({ type: 'platform.report', record: { status: 'success' } })));
});

/** Whether the query "errors by type" counts a line, by the rules of Logs Insights for what its filter consists of. */
function findsError(text: string): boolean {
  const [, filter = ''] = /^(?:\| )?filter (.*)$/m.exec(errorQuery) ?? assert.fail(errorQuery);
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    return false;
  }
  return filter.split(' or ').some((condition) => {
    const [, field = '', operator, operand = ''] =
      /^([\w.]+) (in|=|like) (.*)$/.exec(condition) ?? assert.fail(condition);
    const value = field.split('.').reduce<unknown>((owner, key) => Object(owner)[key], line);
    if (typeof value !== 'string') return false;
    if (operator === 'like') return new RegExp(operand.slice(1, -1)).test(value);
    return operator === '='
      ? JSON.stringify(value) === operand
      : z.array(z.string()).parse(JSON.parse(operand)).includes(value);
  });
}

describe('a filter pattern', () => {
  // From the documentation of CloudWatch Logs.
  const cases: [pattern: string, line: string, matches: boolean][] = [
    ['{ $.a = "x" }', '{"a":"x"}', true],
    ['{ $.a = "x*" }', '{"a":"xyz"}', true],
    ['{ $.a = "x" }', '{"a":"xyz"}', false],
    ['{ $.a != "x" }', '{"a":"y"}', true],
    ['{ $.a != "x" }', '{"b":"y"}', false],
    ['{ $.a NOT EXISTS }', '{"b":"y"}', true],
    ['{ $.a NOT EXISTS }', '{"a":"y"}', false],
    ['{ $.a IS TRUE }', '{"a":true}', true],
    ['{ $.a IS TRUE }', '{"a":"true"}', false],
    ['{ $.a.b > 0 }', '{"a":{"b":0.5}}', true],
    ['{ $.a.b > 0 }', '{"a":"text"}', false],
    ['{ ($.a = "1" || $.b = "2") && $.c = "3" }', '{"b":"2","c":"3"}', true],
    ['{ ($.a = "1" || $.b = "2") && $.c = "3" }', '{"b":"2"}', false],
    ['{ $.a = "x" }', 'a text with "a":"x"', false],
  ];
  for (const [pattern, line, matches] of cases) {
    test(`${pattern} ${matches ? 'matches' : 'does not match'} ${line}`, () => {
      assert.equal(filterPattern(pattern)(line), matches);
    });
  }
});
