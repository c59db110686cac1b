/** The synthesised template: what would be deployed. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { feelingApp } from '../infra/app.ts';
import { Contract } from './contract.ts';
import { type SynthesisedStack, synthesiseStack } from './feeling-api.ts';

let stack: SynthesisedStack;
let template: Template;

let directory: string;

before(async () => {
  stack = await synthesiseStack();
  directory = stack.directory;
  template = await templateOf(stack);
});
after(() => stack[Symbol.asyncDispose]());

/** What the id of a function's alias is like. */
function liveAlias(door: 'http' | 'direct') {
  return Match.stringLikeRegexp(`^feeling${door}Live`);
}

async function templateOf({ directory }: SynthesisedStack): Promise<Template> {
  return Template.fromJSON(JSON.parse(await readFile(join(directory, 'Feeling.template.json'), 'utf8')));
}

describe('the API', () => {
  test("has exactly the contract's operations as routes", async () => {
    const { document } = await Contract.read();
    const operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const routes = Object.values(template.findResources('AWS::ApiGatewayV2::Route')).map(
      ({ Properties }) => Properties.RouteKey,
    );
    assert.deepEqual(routes.sort(), operations.sort());
  });

  test('hands requests to the function in payload format 2.0, and waits longer than the function may take', () => {
    template.allResourcesProperties('AWS::ApiGatewayV2::Integration', {
      IntegrationType: 'AWS_PROXY',
      PayloadFormatVersion: '2.0',
      TimeoutInMillis: 10_000,
    });
    template.allResourcesProperties('AWS::Lambda::Function', { Timeout: 5 });
    template.hasResourceProperties('AWS::ApiGatewayV2::Integration', { IntegrationUri: { Ref: liveAlias('http') } });
  });

  test('answers any origin, for the methods of the contract', () => {
    template.hasResourceProperties('AWS::ApiGatewayV2::Api', {
      CorsConfiguration: {
        AllowOrigins: ['*'],
        AllowMethods: ['POST'],
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

  test('puts out its address, the names of the functions and the queue', () => {
    const values = Object.values(template.findOutputs('*')).map(({ Value }) => JSON.stringify(Value));
    for (const expected of [/"ApiEndpoint"/, /"feelinghttp\w+"/, /"feelingdirect\w+"/, /"feelingfailedevents\w+"/]) {
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
    for (const door of ['http', 'direct']) {
      prodTemplate.hasResourceProperties('AWS::Lambda::Function', { FunctionName: `feeling-${door}-prod` });
      template.hasResourceProperties('AWS::Lambda::Function', { FunctionName: `feeling-${door}-dev` });
    }
  });
});

describe('an event that nobody waits for', () => {
  test('is tried three times within an hour, then kept', () => {
    template.resourceCountIs('AWS::Lambda::EventInvokeConfig', 2);
    for (const Qualifier of ['live', '$LATEST']) {
      template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
        FunctionName: { Ref: Match.stringLikeRegexp('^feelingdirectFunction') },
        Qualifier,
        MaximumRetryAttempts: 2,
        MaximumEventAgeInSeconds: 3600,
        DestinationConfig: {
          OnFailure: { Destination: { 'Fn::GetAtt': [Match.stringLikeRegexp('^feelingfailedevents'), 'Arn'] } },
        },
      });
    }
  });

  test('is kept for fourteen days, encrypted, and sent by TLS only', () => {
    template.resourceCountIs('AWS::SQS::Queue', 1);
    template.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'feeling-direct-dev-failed-events',
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
            Resource: Match.anyValue(),
          },
        ],
      },
    });
  });
});

describe('permissions', () => {
  test('let API Gateway invoke the function from the route of the operation, and nothing else', () => {
    template.resourceCountIs('AWS::Lambda::Permission', 1);
    template.hasResourceProperties('AWS::Lambda::Permission', {
      Action: 'lambda:InvokeFunction',
      FunctionName: { Ref: liveAlias('http') },
      Principal: 'apigateway.amazonaws.com',
      SourceArn: {
        'Fn::Join': ['', Match.arrayWith([{ Ref: Match.stringLikeRegexp('^Api') }, '/$default/POST/feeling'])],
      },
    });
  });

  test('let a function write to its own log group, and keep its failed events, and nothing else', () => {
    const arnOf = (id: string) => ({ 'Fn::GetAtt': [Match.stringLikeRegexp(id), 'Arn'] });
    const allow = (Action: string[], Resource: object) => ({ Action, Effect: 'Allow', Resource });
    const write = ['logs:CreateLogStream', 'logs:PutLogEvents'];
    const send = ['sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage'];
    template.resourceCountIs('AWS::IAM::Policy', 2);
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [allow(write, arnOf('^feelinghttpLog'))] },
      Roles: [{ Ref: Match.stringLikeRegexp('^feelinghttpRole') }],
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [allow(write, arnOf('^feelingdirectLog')), allow(send, arnOf('^feelingfailedevents'))],
      },
      Roles: [{ Ref: Match.stringLikeRegexp('^feelingdirectRole') }],
    });
  });

  test('of a role are those alone; what deploys has the policy that AWS made for it', () => {
    const roles = Object.entries(template.findResources('AWS::IAM::Role'));
    assert.equal(roles.length, 4);
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
    const { app, stack } = feelingApp({ outdir: join(directory, 'warnings'), context: { stage } });
    assert.deepEqual(app.synth().getStackArtifact(stack.artifactId).messages, []);
  }
});
