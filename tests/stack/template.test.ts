/** The synthesised template: routes, functions, failed events and permissions. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { feelingApp } from '../../infra/app.ts';
import { readContract } from '../../infra/contract/contract-document.ts';
import { deployedFunctions, directFunctions, httpFunctions, logicalId } from '../harness/deployed-functions.ts';
import { testConfiguration } from '../harness/test-configuration.ts';
import { idOf, prodContext, sharedTemplate } from './synthesised-template.ts';

let template: Template;
before(async () => {
  template = await sharedTemplate();
});

/** The methods and paths of the contract, and the header parameters, in any order. */
async function operationsOfDocument() {
  const { operations } = await readContract();
  return operations;
}

describe('the API', () => {
  test("has exactly the contract's operations as routes", async () => {
    const operations = (await operationsOfDocument()).map(({ method, routePath }) => `${method} ${routePath}`);
    const routes = Object.values(template.findResources('AWS::ApiGatewayV2::Route')).map(
      ({ Properties }) => Properties.RouteKey,
    );
    assert.deepEqual(routes.sort(), operations.sort());
  });

  test('sends requests to the functions in payload format 2.0, and waits longer than their timeout', () => {
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

  test('allows any origin the methods of the contract', async () => {
    const contract = await operationsOfDocument();
    const methods = contract.map(({ method }) => method);
    const headers = contract.flatMap(({ parameters }) => parameters.filter((parameter) => parameter.in === 'header'));
    template.hasResourceProperties('AWS::ApiGatewayV2::Api', {
      CorsConfiguration: {
        AllowOrigins: ['*'],
        AllowMethods: [...new Set(methods)].sort(),
        AllowHeaders: [...new Set(['content-type', ...headers.map(({ name }) => name.toLowerCase())])],
        ExposeHeaders: ['apigw-requestid', 'retry-after'],
        MaxAge: 3600,
      },
    });
  });

  test('throttles, and logs route, status and times of each request, without its body', () => {
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

  test('has its address, the names of the functions and the queues as outputs', () => {
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
  test('run on nodejs24.x and arm64, with explicit memory and JSON logging', () => {
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

  test('have the name of the stage in theirs', () => {
    template.resourceCountIs('AWS::Lambda::Function', deployedFunctions.length);
    for (const { name } of deployedFunctions) {
      template.hasResourceProperties('AWS::Lambda::Function', { FunctionName: `${name}-dev` });
    }
  });
});

describe('an asynchronous event', () => {
  test('is tried three times within an hour, then sent to the queue for failed events', () => {
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

  test('stays in that queue for fourteen days, encrypted, and is accepted by TLS only', () => {
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
  test('let API Gateway invoke a function from the route of its operation only', () => {
    template.resourceCountIs('AWS::Lambda::Permission', httpFunctions.length);
    for (const { name, method, routePath } of httpFunctions) {
      template.hasResourceProperties('AWS::Lambda::Permission', {
        Action: 'lambda:InvokeFunction',
        FunctionName: { Ref: idOf(name, 'Live') },
        Principal: 'apigateway.amazonaws.com',
        SourceArn: {
          'Fn::Join': [
            '',
            Match.arrayWith([{ Ref: Match.stringLikeRegexp('^Api') }, `/$default/${method}${routePath}`]),
          ],
        },
      });
    }
  });

  test('let a function write to its own log group and send its failed events, and nothing else', () => {
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

  test('of a role are these alone; CodeDeploy has the policy that AWS made for it', () => {
    const roles = Object.entries(template.findResources('AWS::IAM::Role'));
    // One for each function, and one for its deployment.
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

test('synthesis gives no warning and uses nothing deprecated', async (t) => {
  process.env['JSII_DEPRECATED'] = 'fail';
  const outdir = await mkdtemp(join(tmpdir(), 'feeling-api-test-'));
  t.after(async () => {
    delete process.env['JSII_DEPRECATED'];
    await rm(outdir, { recursive: true });
  });
  for (const context of [testConfiguration, prodContext]) {
    // The CDK's own validation has its test in nag.test.ts.
    const { app, stack } = feelingApp({ outdir, context, builtinCloudFormationValidation: false });
    assert.deepEqual(app.synth().getStackArtifact(stack.artifactId).messages, []);
  }
});
