/** The configuration: what each key changes in the template, and what is refused. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Template } from 'aws-cdk-lib/assertions';
import {
  assertDeployable,
  ConfigurationError,
  concurrencyReport,
  configurationHelp,
  configurationOf,
} from '../../infra/configuration.ts';
import { stageSchema } from '../../infra/stage-schema.ts';
import { operations } from '../../shared/contract.ts';
import { deployedFunctions } from '../harness/deployed-functions.ts';
import { testConfiguration } from '../harness/test-configuration.ts';
import { refusedConfigurations } from './configuration.cases.ts';
import { templateWith } from './synthesised-template.ts';

describe('each key changes what it says', () => {
  const certificateArn = 'arn:aws:acm:eu-central-1:123456789012:certificate/x';
  let template: Template;
  test('synthesises', () => {
    template = templateWith({
      stage: 'anna',
      memoryMb: '256',
      timeoutSeconds: '29',
      throttleRate: '7',
      throttleBurst: '3',
      reservedConcurrency: '2',
      allowedOrigins: 'https://a.example, https://b.example:8443',
      allowedHeaders: 'content-type, Traceparent',
      logRetentionDays: '7',
      logLevel: 'DEBUG',
      alarmEmail: 'anna@example.com',
      removalPolicy: 'retain',
      deployment: 'Linear10PercentEvery1Minute',
      domainName: 'feeling.example',
      certificateArn,
      jwtIssuer: 'https://issuer.example',
      jwtAudience: 'feeling',
    });
  });

  test('memory, timeout, concurrency and log level, of every function', () => {
    template.allResourcesProperties('AWS::Lambda::Function', {
      MemorySize: 256,
      Timeout: 29,
      ReservedConcurrentExecutions: 2,
      LoggingConfig: { ApplicationLogLevel: 'DEBUG' },
    });
  });

  test('the stage, in names', () => {
    template.hasResourceProperties('AWS::Lambda::Function', { FunctionName: 'feeling-http-anna' });
    template.hasResourceProperties('AWS::ApiGatewayV2::Api', { Name: 'feeling-anna' });
  });

  test('origins and headers of CORS; with tokens, pages may send authorization', () => {
    template.hasResourceProperties('AWS::ApiGatewayV2::Api', {
      CorsConfiguration: {
        AllowOrigins: ['https://a.example', 'https://b.example:8443'],
        AllowHeaders: ['content-type', 'traceparent', ...operations.flatMap(({ headers }) => headers), 'authorization'],
      },
    });
  });

  test('the throttle', () => {
    template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      DefaultRouteSettings: { ThrottlingRateLimit: 7, ThrottlingBurstLimit: 3 },
    });
  });

  test('how long logs are kept, the address for alarms, and the deployment', () => {
    template.allResources('AWS::Logs::LogGroup', { Properties: { RetentionInDays: 7 } });
    template.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'anna@example.com' });
    template.allResourcesProperties('AWS::CodeDeploy::DeploymentGroup', {
      DeploymentConfigName: 'CodeDeployDefault.LambdaLinear10PercentEvery1Minute',
    });
  });

  test('a domain takes TLS 1.2 and is the only address', () => {
    template.hasResourceProperties('AWS::ApiGatewayV2::DomainName', {
      DomainName: 'feeling.example',
      DomainNameConfigurations: [
        { CertificateArn: certificateArn, EndpointType: 'REGIONAL', SecurityPolicy: 'TLS_1_2' },
      ],
    });
    template.resourceCountIs('AWS::ApiGatewayV2::ApiMapping', 1);
    template.hasResourceProperties('AWS::ApiGatewayV2::Api', { DisableExecuteApiEndpoint: true });
    assert.match(JSON.stringify(template.findOutputs('ApiUrl')), /https:\/\/feeling\.example/);
    assert.match(JSON.stringify(template.findOutputs('DomainTarget')), /RegionalDomainName/);
  });

  test('with an issuer, every route requires a token', () => {
    template.hasResourceProperties('AWS::ApiGatewayV2::Authorizer', {
      AuthorizerType: 'JWT',
      IdentitySource: ['$request.header.Authorization'],
      JwtConfiguration: { Issuer: 'https://issuer.example', Audience: ['feeling'] },
    });
    template.allResourcesProperties('AWS::ApiGatewayV2::Route', { AuthorizationType: 'JWT' });
  });
});

describe('what cannot be used is refused with what to write', () => {
  for (const [context, message] of refusedConfigurations) {
    test(JSON.stringify(context), () => {
      const error = refusal({ ...testConfiguration, ...context });
      assert(error.message.startsWith(message), error.message);
      assert(!error.message.includes('\n'), 'the cause is the first and the last line');
    });
  }

  test('in prod, any origin and no address', () => {
    const { message } = refusal({ stage: 'prod', allowedOrigins: '*', allowAnyOrigin: 'false' });
    assert(message.startsWith('allowedOrigins=*: in prod, name the origins, or set allowAnyOrigin=true'), message);
    assert.match(refusal({ stage: 'prod', alarmEmail: '' }).message, /^alarmEmail=: write an e-mail address/);
  });

  test('each wrong key has a line of its own', () => {
    assert.deepEqual(
      refusal({ ...testConfiguration, memoryMb: '1', logLevel: 'LOUD', nope: '1' }).message.split('\n'),
      [
        'memoryMb=1: write a whole number from 128 to 10240',
        'logLevel=LOUD: write one of TRACE, DEBUG, INFO, WARN, ERROR',
        'nope: no such key; npm start -- --help lists the keys',
      ],
    );
  });

  test('the placeholder address cannot be deployed to prod, but it can be served here', () => {
    const prod = { stage: 'prod', alarmEmail: 'feeling-alarms@example.com' };
    assert.throws(() => assertDeployable(configurationOf(prod)), {
      name: 'ConfigurationError',
      message: /^alarmEmail=feeling-alarms@example\.com: is a placeholder; write .* in infra\/stages\.ts, or -c alarm/,
    });
    for (const alarmEmail of ['ops@example.org', 'ops@sub.EXAMPLE.com', 'ops@my.example']) {
      assert.throws(() => assertDeployable(configurationOf({ ...prod, alarmEmail })), ConfigurationError);
    }
    for (const alarmEmail of ['ops@feeling.test', 'ops@example-shop.com', 'example.com@feeling.test']) {
      assertDeployable(configurationOf({ ...prod, alarmEmail }));
    }
    assertDeployable(configurationOf({ ...prod, stage: 'dev' }));
  });
});

test("what is reserved of the account's concurrency is reported", () => {
  const reserving = configurationOf({ ...testConfiguration, throttleRate: '10', reservedConcurrency: '3' });
  const count = deployedFunctions.length;
  const reported = `reserved concurrency: ${count} functions x 3 = ${3 * count} of the account's 1000 `;
  assert(concurrencyReport(reserving)?.startsWith(reported), concurrencyReport(reserving));
  assert.equal(concurrencyReport(configurationOf(testConfiguration)), undefined);
});

test('the help has a line for each key', () => {
  const lines = configurationHelp().split('\n');
  for (const key of ['stage', ...Object.keys(stageSchema.shape)]) {
    assert.equal(lines.filter((line) => line.startsWith(`  ${key}=`)).length, 1, key);
  }
});

function refusal(context: Record<string, string | undefined>): ConfigurationError {
  try {
    configurationOf(context);
  } catch (error) {
    assert(error instanceof ConfigurationError);
    return error;
  }
  assert.fail('it is not refused');
}
