/**
 * The metric filters of the template, on real lines: the functions run under AWS's runtime client at every log level,
 * answer, refuse, and fail in every way there is.
 */
import assert from 'node:assert/strict';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { z } from 'zod';
import { readAssembly } from '../../infra/local/cloud-assembly/read-assembly.ts';
import { stageSchema } from '../../infra/stage-schema.ts';
import { type ServedStack, serveStack, synthesiseStack } from '../harness/feeling-api.ts';
import { localClient } from '../harness/lambda-client.ts';
import { isLongForm } from '../harness/long-form.ts';
import { filterPattern } from './filter-pattern.ts';
import { failures, payloads } from './log-filters.cases.ts';

const levels = isLongForm ? stageSchema.shape.logLevel.options : (['INFO'] as const);

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

before(async () => {
  await using stack = await synthesiseStack();
  const { Resources } = JSON.parse(await readFile(join(stack.directory, 'Feeling.template.json'), 'utf8'));
  for (const resource of Object.values<object>(Resources)) {
    const { data } = filterShape.safeParse(resource);
    if (!data) continue;
    const { FilterPattern, LogGroupName, MetricTransformations } = data.Properties;
    const trigger = LogGroupName.Ref.includes('direct') ? 'direct' : 'http';
    filters.set(`${trigger} ${MetricTransformations[0].MetricName}`, filterPattern(FilterPattern));
  }
  const queries = Object.values<object>(Resources).flatMap((resource) => queryShape.safeParse(resource).data ?? []);
  errorQuery =
    queries.find(({ Properties }) => Properties.Name.endsWith('/errors by type'))?.Properties.QueryString ?? '';
});

/** Serves the stack at a level, with functions that fail when the event says how. */
async function serveFailing(level: string) {
  const stack = await synthesiseStack();
  const template = join(stack.directory, 'Feeling.template.json');
  const text = await readFile(template, 'utf8');
  await writeFile(
    template,
    text
      .replaceAll('"ApplicationLogLevel": "INFO"', `"ApplicationLogLevel": "${level}"`)
      .replaceAll('"Timeout": 5', '"Timeout": 1'),
  );
  for (const { name, directory } of (await readAssembly(stack.directory)).functions) {
    await copyFile(join(directory, 'index.mjs'), join(directory, 'deployed.mjs'));
    // Where an HTTP event has its headers, within the middlewares.
    const failing = name.includes('http')
      ? 'deployed(event.failure ? { ...event, get headers() { return fail(event.failure); } } : event, context)'
      : 'event.failure ? fail(event.failure) : deployed(event, context)';
    await writeFile(
      join(directory, 'index.mjs'),
      `import { handler as deployed } from './deployed.mjs';
       const fail = (code) => new Function(code)();
       export const handler = async (event, context) => ${failing};`,
    );
  }
  const api = await serveStack(stack.directory);
  const client = localClient(api.runtime.lambdaUrl);
  return {
    /** Invokes a function. @returns the lines that its log group would have got */
    lines: async (trigger: string, event: object) => linesOf(api, client, trigger, event),
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      await api[Symbol.asyncDispose]();
      await stack[Symbol.asyncDispose]();
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

    for (const trigger of ['http', 'direct'] as const) {
      const { valid, invalid } = payloads[trigger];
      const errors = `${trigger} feeling-${trigger}-errors`;
      const coldStarts = `${trigger} feeling-${trigger}-cold-starts`;
      const invalidEvents = 'direct feeling-direct-invalid-events';

      test(`${trigger}: a response and a refusal are no errors`, async () => {
        const cold = await served.lines(trigger, valid);
        assert.equal(matching(errors, cold), 0);
        assert.equal(matching(coldStarts, cold), 1);
        assert.equal(matching(`${trigger} feelings`, cold), ['TRACE', 'DEBUG', 'INFO'].includes(level) ? 1 : 0);

        const refused = await served.lines(trigger, invalid);
        assert.equal(matching(errors, refused), 0, refused.join('\n'));
        assert.equal(matching(coldStarts, refused), 0);
        assert.equal(matching(`${trigger} feelings`, refused), 0);
        if (trigger === 'direct') assert.equal(matching(invalidEvents, refused), 1);
      });

      test(`${trigger}: each way to fail is one error, for the metric and for the query`, async () => {
        for (const [name, failure] of Object.entries(failures)) {
          const lines = await served.lines(trigger, { ...valid, failure });
          assert.equal(matching(errors, lines), 1, `${name}:\n${lines.join('\n')}`);
          assert.equal(lines.filter(findsError).length, 1, `the query misses ${name}:\n${lines.join('\n')}`);
          if (trigger === 'direct') assert.equal(matching(invalidEvents, lines), 0, name);
        }
      });
    }
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
