/** The synthesised template: what would be deployed. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { feelingApp } from '../../infra/app.ts';
import { Contract } from '../harness/contract.ts';
import { deployedFunctions, directFunctions, httpFunctions, logicalId } from '../harness/deployed-functions.ts';
import { type SynthesisedStack, synthesiseStack } from '../harness/feeling-api.ts';

let stack: SynthesisedStack;
let template: Template;

let directory: string;

before(async () => {
  stack = await synthesiseStack();
  directory = stack.directory;
  template = await templateOf(stack);
});
after(() => stack[Symbol.asyncDispose]());

/** The id of what the stack calls so, or of a part of it. */
function idOf(name: string, part = '') {
  return Match.stringLikeRegexp(`^${logicalId(name)}${part}`);
}

/** The methods and paths of the contract. */
async function operationsOfDocument(): Promise<{ method: string; path: string }[]> {
  const { document } = await Contract.read('feeling');
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => ({ method: method.toUpperCase(), path })),
  );
}

async function templateOf({ directory }: SynthesisedStack): Promise<Template> {
  return Template.fromJSON(JSON.parse(await readFile(join(directory, 'Feeling.template.json'), 'utf8')));
}

describe('the API', () => {
  test("has exactly the contract's operations as routes", async () => {
    const operations = (await operationsOfDocument()).map(({ method, path }) => `${method} ${path}`);
    const routes = Object.values(template.findResources('AWS::ApiGatewayV2::Route')).map(
      ({ Properties }) => Properties.RouteKey,
    );
    assert.deepEqual(routes.sort(), operations.sort());
  });

  test('hands requests to the functions in payload format 2.0, and waits longer than a function may take', () => {
    template.allResourcesProperties('AWS::ApiGatewayV2::Integration', {
      IntegrationType: 'AWS_PROXY',
      PayloadFormatVersion: '2.0',
      TimeoutInMillis: 10_000,
    });
    template.allResourcesProperties('AWS::Lambda::Function', { Timeout: 5 });
    template.resourceCountIs('AWS::ApiGatewayV2::Integration', httpFunctions.length);
    for (const { name } of httpFunctions) {
      const IntegrationUri = { Ref: idOf(name, 'Live') };
      template.hasResourceProperties('AWS::ApiGatewayV2::Integration', { IntegrationUri });
    }
  });

  test('answers any origin, for the methods of the contract', async () => {
    const methods = (await operationsOfDocument()).map(({ method }) => method);
    template.hasResourceProperties('AWS::ApiGatewayV2::Api', {
      CorsConfiguration: {
        AllowOrigins: ['*'],
        AllowMethods: [...new Set(methods)],
        AllowHeaders: ['content-type'],
        ExposeHeaders: ['apigw-requestid', 'retry-after'],
        MaxAge: 3600,
      },
    });
  });

  test('throttles, and logs who was answered what, with no word of the body', () => {
    template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      StageName: '$default',
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 5000, ThrottlingBurstLimit: 2500 },
      AccessLogSettings: {
        DestinationArn: Match.anyValue(),
        Format: Match.serializedJson(
          Match.objectLike({
            requestId: '$context.requestId',
            route: '$context.routeKey',
            status: '$context.status',
            responseLatency: '$context.responseLatency',
            integrationError: '$context.integrationErrorMessage',
          }),
        ),
      },
    });
  });

  test('puts out its address, the names of the functions and the queues', () => {
    const values = Object.values(template.findOutputs('*')).map(({ Value }) => JSON.stringify(Value));
    const expectedNames = [
      ...deployedFunctions.map(({ name }) => name),
      ...directFunctions.map(({ operationId }) => `${operationId}-failed-events`),
    ];
    for (const expected of [/"ApiEndpoint"/, ...expectedNames.map((name) => new RegExp(`"${logicalId(name)}\\w+"`))]) {
      assert(
        values.some((value) => expected.test(value)),
        `no output is like ${expected}`,
      );
    }
  });
});

describe('the functions', () => {
  test('run on nodejs24.x and arm64, with memory, time and JSON logging stated', () => {
    template.allResourcesProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      MemorySize: 512,
      LoggingConfig: {
        LogFormat: 'JSON',
        ApplicationLogLevel: 'INFO',
        SystemLogLevel: 'INFO',
        LogGroup: Match.anyValue(),
      },
    });
  });

  test('have names that tell the stage', async () => {
    await using prod = await synthesiseStack({ stage: 'prod' });
    const prodTemplate = await templateOf(prod);
    template.resourceCountIs('AWS::Lambda::Function', deployedFunctions.length);
    for (const { name } of deployedFunctions) {
      prodTemplate.hasResourceProperties('AWS::Lambda::Function', { FunctionName: `${name}-prod` });
      template.hasResourceProperties('AWS::Lambda::Function', { FunctionName: `${name}-dev` });
    }
  });
});

describe('an event that nobody waits for', () => {
  test('is tried three times within an hour, then kept', () => {
    template.resourceCountIs('AWS::Lambda::EventInvokeConfig', 2 * directFunctions.length);
    for (const { operationId, name } of directFunctions) {
      for (const Qualifier of ['live', '$LATEST']) {
        template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
          FunctionName: { Ref: idOf(name, 'Function') },
          Qualifier,
          MaximumRetryAttempts: 2,
          MaximumEventAgeInSeconds: 3600,
          DestinationConfig: {
            OnFailure: { Destination: { 'Fn::GetAtt': [idOf(`${operationId}-failed-events`), 'Arn'] } },
          },
        });
      }
    }
  });

  test('is kept for fourteen days, encrypted, and sent by TLS only', () => {
    template.resourceCountIs('AWS::SQS::Queue', directFunctions.length);
    for (const { operationId, name } of directFunctions) {
      template.hasResourceProperties('AWS::SQS::Queue', {
        QueueName: `${name}-dev-failed-events`,
        MessageRetentionPeriod: 14 * 24 * 60 * 60,
        SqsManagedSseEnabled: true,
      });
      template.hasResourceProperties('AWS::SQS::QueuePolicy', {
        PolicyDocument: {
          Statement: [
            {
              Effect: 'Deny',
              Principal: { AWS: '*' },
              Action: 'sqs:*',
              Condition: { Bool: { 'aws:SecureTransport': 'false' } },
              Resource: { 'Fn::GetAtt': [idOf(`${operationId}-failed-events`), 'Arn'] },
            },
          ],
        },
      });
    }
  });
});

describe('permissions', () => {
  test('let API Gateway invoke a function from the route of its operation, and nothing else', () => {
    template.resourceCountIs('AWS::Lambda::Permission', httpFunctions.length);
    for (const { name, method, path } of httpFunctions) {
      template.hasResourceProperties('AWS::Lambda::Permission', {
        Action: 'lambda:InvokeFunction',
        FunctionName: { Ref: idOf(name, 'Live') },
        Principal: 'apigateway.amazonaws.com',
        SourceArn: {
          'Fn::Join': ['', Match.arrayWith([{ Ref: Match.stringLikeRegexp('^Api') }, `/$default/${method}${path}`])],
        },
      });
    }
  });

  test('let a function write to its own log group, and keep its failed events, and nothing else', () => {
    const arnOf = (name: string, part?: string) => ({ 'Fn::GetAtt': [idOf(name, part), 'Arn'] });
    const allow = (Action: string[], Resource: object) => ({ Action, Effect: 'Allow', Resource });
    const write = ['logs:CreateLogStream', 'logs:PutLogEvents'];
    const send = ['sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage'];
    template.resourceCountIs('AWS::IAM::Policy', deployedFunctions.length);
    for (const { operationId, trigger, name } of deployedFunctions) {
      const keeps = trigger === 'direct' ? [allow(send, arnOf(`${operationId}-failed-events`))] : [];
      template.hasResourceProperties('AWS::IAM::Policy', {
        PolicyDocument: { Statement: [allow(write, arnOf(name, 'Log')), ...keeps] },
        Roles: [{ Ref: idOf(name, 'Role') }],
      });
    }
  });

  test('of a role are those alone; what deploys has the policy that AWS made for it', () => {
    const roles = Object.entries(template.findResources('AWS::IAM::Role'));
    // Each function has one, and what deploys it.
    assert.equal(roles.length, 2 * deployedFunctions.length);
    for (const [id, { Properties }] of roles) {
      assert.equal(Properties.Policies, undefined);
      const managed = JSON.stringify(Properties.ManagedPolicyArns ?? []);
      if (id.includes('deployment'))
        assert.match(managed, /:iam::aws:policy\/service-role\/AWSCodeDeployRoleForLambdaLimited"/);
      else assert.equal(managed, '[]');
    }
  });

  test('have no wildcard', () => {
    for (const type of ['AWS::Lambda::Permission', 'AWS::IAM::Policy', 'AWS::IAM::Role']) {
      assert.doesNotMatch(JSON.stringify(template.findResources(type)), /\*/);
    }
  });
});

test('synthesis has nothing to warn of, and uses nothing that is deprecated', async (t) => {
  process.env['JSII_DEPRECATED'] = 'fail';
  t.after(() => delete process.env['JSII_DEPRECATED']);
  for (const stage of ['dev', 'prod']) {
    const { app, stack } = feelingApp({
      outdir: join(directory, 'warnings'),
      context: { stage },
      // Its own test is in nag.test.ts.
      builtinCloudFormationValidation: false,
    });
    assert.deepEqual(app.synth().getStackArtifact(stack.artifactId).messages, []);
  }
});
