/** Conditions, parameters and mappings: served where their values are known on this machine, refused by name elsewhere. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { App, CfnMapping, CfnParameter, Fn, Stack } from 'aws-cdk-lib/core';
import request from 'supertest';
import { UnsupportedResourceError } from '../../../infra/local/cloud-assembly/unsupported-resource.ts';
import { LocalRuntime } from '../../../infra/local/local-runtime.ts';
import { falseConditions, trueConditions, unknownConditions } from './conditions.cases.ts';
import { find, openAssembly, type Template } from './template.ts';

const assembly = await openAssembly();
after(() => assembly[Symbol.asyncDispose]());

const extra = 'Extra';

/** Returns the template with a second function under a condition. */
function templateWith(condition: unknown): Template {
  const template = assembly.template();
  const { resource } = find(template, 'AWS::Lambda::Function');
  template.Conditions = { Tested: condition, Region: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] } };
  template.Parameters = {
    Stage: { Type: 'String', Default: 'dev' },
    Count: { Type: 'Number', Default: '3' },
    Zones: { Type: 'CommaDelimitedList', Default: 'a, b' },
    Unset: { Type: 'String' },
    Stored: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/some/name' },
  };
  template.Mappings = { Stages: { dev: { isOpen: 'yes' }, prod: { isOpen: 'no' } } };
  template.Resources[extra] = {
    ...resource,
    Properties: { ...resource.Properties, FunctionName: 'extra' },
    Condition: 'Tested',
  };
  return template;
}

const namesOf = async (template: Template) => (await assembly.read(template)).functions.map(({ name }) => name);

async function refusal(template: Template): Promise<UnsupportedResourceError> {
  const error = await assembly.read(template).then(
    () => assert.fail('The template was not refused.'),
    (reason: unknown) => reason,
  );
  assert(error instanceof UnsupportedResourceError, String(error));
  return error;
}

describe('a resource with a condition is served when it is true:', () => {
  for (const condition of trueConditions) {
    test(JSON.stringify(condition), async () =>
      assert.deepEqual(await namesOf(templateWith(condition)), ['fn', 'extra']),
    );
  }
});

describe('a resource with a condition is left out when it is false:', () => {
  for (const condition of falseConditions) {
    test(JSON.stringify(condition), async () => assert.deepEqual(await namesOf(templateWith(condition)), ['fn']));
  }

  test('even if its type is not served', async () => {
    const template = templateWith(falseConditions[0]);
    template.Resources['Table'] = { Type: 'AWS::DynamoDB::Table', Properties: {}, Condition: 'Tested' };
    assert.deepEqual(await namesOf(template), ['fn']);
  });

  test('and another resource that refers to it is refused', async () => {
    const template = templateWith(falseConditions[0]);
    const { id, resource } = find(template, 'AWS::Lambda::Function');
    resource.Properties['Environment'] = { Variables: { OTHER: { Ref: extra } } };
    const { logicalId, message } = await refusal(template);
    assert.equal(logicalId, id);
    assert.match(message, /refers to Extra, which the stack does not have: its Condition Tested is false/);
  });

  test('and a reference in a branch of Fn::If that is not taken does not matter', async () => {
    const template = templateWith(falseConditions[0]);
    const { resource } = find(template, 'AWS::Lambda::Function');
    const OTHER = { 'Fn::If': ['Tested', { Ref: extra }, 'none'] };
    resource.Properties['Environment'] = { Variables: { OTHER } };
    const { functions } = await assembly.read(template);
    assert.equal(functions[0]?.environment['OTHER'], 'none');
  });
});

describe('a resource with a condition whose value is not known is refused:', () => {
  for (const [condition, reason] of unknownConditions) {
    test(JSON.stringify(condition), async () => {
      const { logicalId, message } = await refusal(templateWith(condition));
      assert.equal(logicalId, extra);
      assert.match(message, /^Extra: has the Condition Tested, whose value is not known on this machine: it /);
      assert.match(message, reason);
    });
  }
});

for (const Type of ['AWS::CDK::Metadata', 'AWS::CloudWatch::Alarm']) {
  test(`a condition of an ignored ${Type} does not matter`, async () => {
    for (const Condition of ['Tested', 'Absent']) {
      const template = templateWith(trueConditions[0]);
      template.Resources['Ignored'] = { Type, Properties: {}, Condition };
      assert.deepEqual(await namesOf(template), ['fn', 'extra']);
    }
  });
}

test('properties take the values of parameters, mappings and Fn::If', async () => {
  const template = templateWith(trueConditions[0]);
  const { resource } = find(template, 'AWS::Lambda::Function');
  Object.assign(resource.Properties, {
    Timeout: { Ref: 'Count' },
    ReservedConcurrentExecutions: { 'Fn::If': ['Tested', { Ref: 'AWS::NoValue' }, 1] },
    MemorySize: '512',
    Environment: {
      Variables: {
        STAGE: { Ref: 'Stage' },
        COUNT: { Ref: 'Count' },
        ZONES: { 'Fn::Join': ['|', { Ref: 'Zones' }] },
        ZONE: { 'Fn::Select': ['1', { Ref: 'Zones' }] },
        OPEN: { 'Fn::FindInMap': ['Stages', { Ref: 'Stage' }, 'isOpen'] },
        SUB: { 'Fn::Sub': [`\${Stage}-\${Own}-\${!Kept}-\${AWS::StackName}`, { Own: { Ref: 'Count' } }] },
        ENCODED: { 'Fn::Base64': 'a' },
        CHOSEN: { 'Fn::If': ['Tested', { 'Fn::If': ['Region', 'both', 'one'] }, { Ref: 'Unset' }] },
        LEFT_OUT: { Ref: 'AWS::NoValue' },
        ARN: { 'Fn::GetAtt': `${extra}.Arn` },
        FLAG: true,
      },
    },
  });
  const { functions } = await assembly.read(template);
  const [fn] = functions;
  assert.deepEqual([fn?.timeoutMs, fn?.reservedConcurrency, fn?.memoryMb], [3000, undefined, 512]);
  assert.deepEqual(fn?.environment, {
    STAGE: 'dev',
    COUNT: '3',
    ZONES: 'a|b',
    ZONE: 'b',
    OPEN: 'yes',
    SUB: `dev-3-\${Kept}-Test`,
    ENCODED: 'YQ==',
    CHOSEN: 'both',
    ARN: 'arn:aws:lambda:us-east-1:000000000000:function:extra',
    FLAG: 'true',
  });
});

const unknownValues: [value: unknown, says: RegExp][] = [
  [{ Ref: 'Unset' }, /refers to Unset, which has no value on this machine\. Give the parameter a Default\./],
  [{ Ref: 'Stored' }, /refers to Stored, which has no value on this machine\.$/],
  [{ 'Fn::Sub': `\${Unset}` }, /refers to Unset/],
  [{ 'Fn::FindInMap': ['Stages', 'test', 'isOpen'] }, /looks up Stages\.test\.isOpen, which the Mappings do not have/],
  [{ 'Fn::If': ['Absent', 'a', 'b'] }, /has the Condition Absent, whose value is not known/],
  [{ 'Fn::GetAZs': '' }, /uses Fn::GetAZs, which has no value on this machine/],
  [{ 'Fn::Join': ['-', 'no list'] }, /calls Fn::Join with "no list": check its arguments/],
];
for (const [value, says] of unknownValues) {
  test(`a property with ${JSON.stringify(value)} is refused`, async () => {
    const template = templateWith(trueConditions[0]);
    const { id, resource } = find(template, 'AWS::Lambda::Function');
    resource.Properties['Environment'] = { Variables: { A: value } };
    const { logicalId, message } = await refusal(template);
    assert.equal(logicalId, id);
    assert.match(message, says);
  });
}

test('a stack without env that the CDK synthesises with its defaults is served', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'conditions-test-'));
  try {
    // As the CDK CLI sets it.
    const context = { 'aws:cdk:version-reporting': true, 'aws:cdk:enable-path-metadata': true };
    const app = new App({ outdir: folder, context, analyticsReporting: true, builtinCloudFormationValidation: false });
    const stack = new Stack(app, 'Agnostic');
    const stage = new CfnParameter(stack, 'StageName', { default: 'dev' });
    const mapping = new CfnMapping(stack, 'Memory', { mapping: { dev: { mb: 128 }, prod: { mb: 512 } } });
    const fn = new LambdaFunction(stack, 'fn', {
      runtime: Runtime.NODEJS_24_X,
      handler: 'tells.handler',
      code: Code.fromAsset(import.meta.dirname, { exclude: ['*', '!tells.mjs'] }),
      environment: {
        STAGE: stage.valueAsString,
        MEMORY: mapping.findInMap(stage.valueAsString, 'mb'),
        BUCKET: Fn.sub(`bucket-\${AWS::Region}-\${AWS::AccountId}`),
      },
    });
    const api = new HttpApi(stack, 'Api');
    api.addRoutes({ path: '/tells', methods: [HttpMethod.GET], integration: new HttpLambdaIntegration('i', fn) });
    const { directory } = app.synth();
    const runtime = await LocalRuntime.start(directory, { port: 0, maxEnvironments: 1, report: () => {} });
    try {
      assert(runtime.assembly.ignored.includes('AWS::CDK::Metadata'), 'the stack has the metadata of the CDK');
      const { body } = await request(runtime.url).get('/tells').expect(200);
      assert.deepEqual(body, { STAGE: 'dev', MEMORY: '128', BUCKET: 'bucket-us-east-1-000000000000' });
    } finally {
      await runtime.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
