/** The synthesised template: what would be deployed. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { ConfigurationError } from '../infra/configuration.ts';
import { FeelingStack } from '../infra/feeling-stack.ts';
import { readAssembly } from '../infra/local/assembly.ts';
import { Contract } from './contract.ts';
import { type SynthesisedStack, synthesiseStack } from './feeling-api.ts';

let stack: SynthesisedStack;
let template: Template;

before(async () => {
  stack = await synthesiseStack();
  template = await templateOf(stack);
});
after(() => stack[Symbol.asyncDispose]());

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
  });

  test('answers any origin, for the methods of the contract', () => {
    template.hasResourceProperties('AWS::ApiGatewayV2::Api', {
      CorsConfiguration: {
        AllowOrigins: ['*'],
        AllowMethods: ['POST'],
        AllowHeaders: ['content-type'],
        ExposeHeaders: ['apigw-requestid'],
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
      MemorySize: 256,
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

  test('are one file each, without the schema compiler and the AWS SDK', async () => {
    for (const { directory } of (await readAssembly(stack.directory)).functions) {
      assert.deepEqual(await readdir(directory), ['index.mjs']);
      const code = await readFile(join(directory, 'index.mjs'), 'utf8');
      assert(code.length < 10_000, `the bundle has ${code.length} bytes`);
      assert.doesNotMatch(code, /new Function|\beval\(|MissingRefError|@smithy|aws-sdk|from"node:https?"/);
    }
  });
});

describe('an event that nobody waits for', () => {
  test('is tried three times within an hour, then kept', () => {
    template.resourceCountIs('AWS::Lambda::EventInvokeConfig', 1);
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      FunctionName: { Ref: Match.stringLikeRegexp('^feelingdirect') },
      Qualifier: '$LATEST',
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: 3600,
      DestinationConfig: {
        OnFailure: { Destination: { 'Fn::GetAtt': [Match.stringLikeRegexp('^feelingfailedevents'), 'Arn'] } },
      },
    });
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
      Principal: 'apigateway.amazonaws.com',
      SourceArn: {
        'Fn::Join': ['', Match.arrayWith([{ Ref: Match.stringLikeRegexp('^Api') }, '/$default/POST/feeling'])],
      },
    });
  });

  test('let a function write to its own log group, and keep its failed events, and nothing else', () => {
    template.allResourcesProperties('AWS::IAM::Role', { ManagedPolicyArns: Match.absent(), Policies: Match.absent() });
    const arnOf = (id: string) => ({ 'Fn::GetAtt': [Match.stringLikeRegexp(id), 'Arn'] });
    const allow = (Action: string[], Resource: object) => ({ Action, Effect: 'Allow', Resource });
    const write = ['logs:CreateLogStream', 'logs:PutLogEvents'];
    const send = ['sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage'];
    template.resourceCountIs('AWS::IAM::Policy', 2);
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [allow(write, arnOf('^feelinghttplog'))] },
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [allow(write, arnOf('^feelingdirectlog')), allow(send, arnOf('^feelingfailedevents'))],
      },
    });
  });

  test('have no wildcard', () => {
    for (const type of ['AWS::Lambda::Permission', 'AWS::IAM::Policy', 'AWS::IAM::Role']) {
      assert.doesNotMatch(JSON.stringify(template.findResources(type)), /\*/);
    }
  });
});

test('every log group is kept for a month, and goes with the stack', () => {
  template.resourceCountIs('AWS::Logs::LogGroup', 3);
  template.allResources('AWS::Logs::LogGroup', {
    Properties: { RetentionInDays: 30 },
    DeletionPolicy: 'Delete',
  });
});

test('synthesis has nothing to warn of, and uses nothing that is deprecated', (t) => {
  process.env['JSII_DEPRECATED'] = 'fail';
  t.after(() => delete process.env['JSII_DEPRECATED']);
  const app = new App({ analyticsReporting: false });
  const stack = new FeelingStack(app, 'Feeling', {
    configuration: { stage: 'dev', allowedOrigins: ['*'], throttleRate: 1, throttleBurst: 1, logLevel: 'INFO' },
  });
  const { messages } = app.synth().getStackArtifact(stack.artifactId);
  assert.deepEqual(messages, []);
});

describe('the configuration', () => {
  test('changes origins, throttling and the log level', async () => {
    await using configured = await synthesiseStack({
      allowedOrigins: 'https://a.example, https://b.example:8443',
      throttleRate: '7',
      throttleBurst: '3',
      logLevel: 'DEBUG',
    });
    const template = await templateOf(configured);
    template.hasResourceProperties('AWS::ApiGatewayV2::Api', {
      CorsConfiguration: { AllowOrigins: ['https://a.example', 'https://b.example:8443'] },
    });
    template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      DefaultRouteSettings: { ThrottlingRateLimit: 7, ThrottlingBurstLimit: 3 },
    });
    template.hasResourceProperties('AWS::Lambda::Function', { LoggingConfig: { ApplicationLogLevel: 'DEBUG' } });
  });

  const refused: [context: Record<string, string>, said: RegExp][] = [
    [{ stagee: 'dev' }, /-c stagee: no such key/],
    [{ stage: 'Prod!' }, /-c stage=Prod!: must be 1 to 16 of a-z/],
    [{ throttleRate: '-1' }, /-c throttleRate=-1: .*>=1/],
    [{ throttleBurst: 'many' }, /-c throttleBurst=many/],
    [{ allowedOrigins: 'https://a.example/' }, /-c allowedOrigins=https:\/\/a.example\/: must be \* or an origin/],
    [{ logLevel: 'LOUD' }, /-c logLevel=LOUD: .*"DEBUG"/],
  ];
  for (const [context, said] of refused) {
    test(`refuses ${JSON.stringify(context)}, and says which keys there are`, async () => {
      await assert.rejects(synthesiseStack(context), (error) => {
        assert(error instanceof ConfigurationError);
        assert.match(error.message, said);
        assert.match(error.message, /allowedOrigins=\*/);
        return true;
      });
    });
  }
});
