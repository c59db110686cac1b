/** The configuration: what it changes in the template, and what it refuses. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Template } from 'aws-cdk-lib/assertions';
import { ConfigurationError } from '../../infra/configuration.ts';
import { synthesiseStack } from '../harness/feeling-api.ts';

async function templateWith(context: Record<string, string>): Promise<Template> {
  await using stack = await synthesiseStack(context);
  return Template.fromJSON(JSON.parse(await readFile(join(stack.directory, 'Feeling.template.json'), 'utf8')));
}

test('each key changes what it says', async () => {
  const template = await templateWith({
    stage: 'anna',
    memoryMb: '512',
    timeoutSeconds: '29',
    throttleRate: '7',
    throttleBurst: '3',
    reservedConcurrency: '2',
    allowedOrigins: 'https://a.example, https://b.example:8443',
    logRetentionDays: '7',
    logLevel: 'DEBUG',
    alarmEmail: 'anna@example.com',
    removalPolicy: 'retain',
    deployment: 'Linear10PercentEvery1Minute',
  });
  template.allResourcesProperties('AWS::Lambda::Function', {
    MemorySize: 512,
    Timeout: 29,
    ReservedConcurrentExecutions: 2,
    LoggingConfig: { ApplicationLogLevel: 'DEBUG' },
  });
  template.hasResourceProperties('AWS::Lambda::Function', { FunctionName: 'feeling-http-anna' });
  template.hasResourceProperties('AWS::ApiGatewayV2::Api', {
    Name: 'feeling-anna',
    CorsConfiguration: { AllowOrigins: ['https://a.example', 'https://b.example:8443'] },
  });
  template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
    DefaultRouteSettings: { ThrottlingRateLimit: 7, ThrottlingBurstLimit: 3 },
  });
  template.allResources('AWS::Logs::LogGroup', { Properties: { RetentionInDays: 7 }, DeletionPolicy: 'Retain' });
  template.hasResource('AWS::SQS::Queue', { DeletionPolicy: 'Retain' });
  template.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'anna@example.com' });
  template.allResourcesProperties('AWS::CodeDeploy::DeploymentGroup', {
    DeploymentConfigName: 'CodeDeployDefault.LambdaLinear10PercentEvery1Minute',
  });
});

test('a domain of its own takes TLS 1.2, and is the only address', async () => {
  const certificateArn = 'arn:aws:acm:eu-central-1:123456789012:certificate/x';
  const template = await templateWith({ domainName: 'feeling.example', certificateArn });
  template.hasResourceProperties('AWS::ApiGatewayV2::DomainName', {
    DomainName: 'feeling.example',
    DomainNameConfigurations: [{ CertificateArn: certificateArn, EndpointType: 'REGIONAL', SecurityPolicy: 'TLS_1_2' }],
  });
  template.resourceCountIs('AWS::ApiGatewayV2::ApiMapping', 1);
  template.hasResourceProperties('AWS::ApiGatewayV2::Api', { DisableExecuteApiEndpoint: true });
  assert.match(JSON.stringify(template.findOutputs('ApiUrl')), /https:\/\/feeling\.example/);
});

test('an issuer of tokens makes every route ask for one', async () => {
  const template = await templateWith({ jwtIssuer: 'https://issuer.example', jwtAudience: 'feeling' });
  template.hasResourceProperties('AWS::ApiGatewayV2::Authorizer', {
    AuthorizerType: 'JWT',
    IdentitySource: ['$request.header.Authorization'],
    JwtConfiguration: { Issuer: 'https://issuer.example', Audience: ['feeling'] },
  });
  template.allResourcesProperties('AWS::ApiGatewayV2::Route', { AuthorizationType: 'JWT' });
  template.hasResourceProperties('AWS::ApiGatewayV2::Api', {
    CorsConfiguration: { AllowHeaders: ['content-type', 'authorization'] },
  });
});

describe('what cannot be used is refused, with what to write', () => {
  const refused: [context: Record<string, string>, said: string][] = [
    [{ memorySize: '512' }, 'memorySize: no such key'],
    [{ stage: 'Prod!' }, 'stage=Prod!: write 1 to 16 of a-z, 0-9 and -, a letter first'],
    [{ memoryMb: '-1' }, 'memoryMb=-1: write a whole number from 128 to 10240'],
    [{ memoryMb: 'much' }, 'memoryMb=much: write a whole number from 128 to 10240'],
    [{ timeoutSeconds: '30' }, 'timeoutSeconds=30: write a whole number from 1 to 29'],
    [{ throttleRate: '0' }, 'throttleRate=0: write a whole number from 1 to 10000'],
    [{ throttleBurst: '1.5' }, 'throttleBurst=1.5: write a whole number from 1 to 5000'],
    [{ reservedConcurrency: '901' }, 'reservedConcurrency=901: write a whole number from 1 to 900'],
    [{ allowedOrigins: 'https://a.example/' }, 'allowedOrigins=https://a.example/: write * or an origin such as'],
    [{ logRetentionDays: '2' }, 'logRetentionDays=2: write one of 1, 3, 5, 7,'],
    [{ logLevel: 'LOUD' }, 'logLevel=LOUD: Invalid option: expected one of "TRACE"|"DEBUG"'],
    [{ alarmEmail: 'nobody' }, 'alarmEmail=nobody: write an e-mail address'],
    [{ removalPolicy: 'burn' }, 'removalPolicy=burn: Invalid option: expected one of "destroy"|"retain"'],
    [{ deployment: 'Yolo' }, 'deployment=Yolo: Invalid option: expected one of "AllAtOnce"|'],
    [
      { stage: 'prod', allowAnyOrigin: 'false' },
      'allowedOrigins=*: in prod, name the origins, or set anyOriginIsMeant=true',
    ],
    [{ domainName: 'feeling.example' }, 'domainName and certificateArn: set both or neither'],
    [{ jwtIssuer: 'https://issuer.example' }, 'jwtIssuer and jwtAudience: set both or neither'],
    [{ jwtIssuer: 'issuer', jwtAudience: 'x' }, 'jwtIssuer=issuer: write the URL of the issuer'],
  ];
  for (const [context, said] of refused) {
    test(JSON.stringify(context), async () => {
      await assert.rejects(synthesiseStack(context), (error) => {
        assert(error instanceof ConfigurationError);
        assert(error.message.includes(said), error.message);
        assert.match(error.message, /npm start -- --help lists them/);
        assert.equal(error.message.split('\n').length, 1, 'nothing pushes the cause off the screen');
        return true;
      });
    });
  }
});
