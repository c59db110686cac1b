/** Templates that cannot be served faithfully are refused at start, by name. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { readAssembly } from '../../../infra/local/cloud-assembly/read-assembly.ts';
import { UnsupportedResourceError } from '../../../infra/local/cloud-assembly/unsupported-resource.ts';
import { synthesise } from '../../harness/test-stack.ts';

interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
  Condition?: string;
}

interface Template {
  Resources: Record<string, Resource>;
}

const stack = await synthesise(
  { fn: { code: 'export const handler = () => 1;', live: { retryAttempts: 1 } } },
  { jwt: { issuer: 'https://issuer.example', audience: ['a'] } },
);
after(() => stack[Symbol.asyncDispose]());

const file = join(stack.directory, 'Test.template.json');
const synthesised: Template = JSON.parse(await readFile(file, 'utf8'));

/** The one resource of a type, and the name that the template has for it. */
function find({ Resources }: Template, type: string): { id: string; resource: Resource } {
  const [found] = Object.entries(Resources).filter(([, { Type }]) => Type === type);
  assert(found, type);
  return { id: found[0], resource: found[1] };
}

interface Refusal {
  refused: string;
  /** The type of the resource that the refusal names; the stack where it is absent. */
  type?: string;
  properties?: Record<string, unknown>;
  edit?: (template: Template, resource: Resource | undefined) => void;
  /** The resource that the refusal names. @default the one of the type */
  culprit?: string;
  says: RegExp;
}

const fn = 'AWS::Lambda::Function';
const table: Refusal[] = [
  {
    refused: 'a resource that is not served',
    type: 'AWS::DynamoDB::Table',
    edit: ({ Resources }) => {
      Resources['Table'] = { Type: 'AWS::DynamoDB::Table', Properties: {} };
    },
    says: /AWS::DynamoDB::Table is not served on this machine\. Leave it out/,
  },
  {
    refused: 'a route with a path parameter',
    type: 'AWS::ApiGatewayV2::Route',
    properties: { RouteKey: 'GET /things/{id}' },
    says: /must be one method and an exact path[\s\S]*RouteKey/,
  },
  {
    refused: 'a route for any method',
    type: 'AWS::ApiGatewayV2::Route',
    properties: { RouteKey: 'ANY /fn' },
    says: /must be one method and an exact path/,
  },
  {
    refused: 'the default route',
    type: 'AWS::ApiGatewayV2::Route',
    properties: { RouteKey: '$default' },
    says: /must be one method and an exact path/,
  },
  {
    refused: 'a route with an authorizer that is not there',
    type: 'AWS::ApiGatewayV2::Route',
    properties: { AuthorizerId: 'a' },
    says: /GET \/fn has AuthorizationType JWT: give it JWT and an AuthorizerId of this stack, or NONE without them/,
  },
  {
    refused: 'a route that wants a token, without an authorizer',
    type: 'AWS::ApiGatewayV2::Route',
    properties: { AuthorizerId: undefined },
    says: /GET \/fn has AuthorizationType JWT: give it/,
  },
  {
    refused: 'a route that has an authorizer and does not use it',
    type: 'AWS::ApiGatewayV2::Route',
    properties: { AuthorizationType: 'NONE' },
    says: /GET \/fn has AuthorizationType NONE: give it/,
  },
  {
    refused: 'a route that has an authorizer and does not say how to use it',
    type: 'AWS::ApiGatewayV2::Route',
    properties: { AuthorizationType: undefined },
    says: /GET \/fn has AuthorizationType NONE: give it/,
  },
  {
    refused: 'a route that wants a signature of AWS',
    type: 'AWS::ApiGatewayV2::Route',
    properties: { AuthorizationType: 'AWS_IAM' },
    says: /AuthorizationType/,
  },
  {
    refused: 'an authorizer that is a function',
    type: 'AWS::ApiGatewayV2::Authorizer',
    properties: { AuthorizerType: 'REQUEST' },
    says: /AuthorizerType/,
  },
  {
    refused: 'an authorizer that looks for the token elsewhere',
    type: 'AWS::ApiGatewayV2::Authorizer',
    properties: { IdentitySource: ['$request.querystring.token'] },
    says: /must be \$request\.header\.Authorization/,
  },
  {
    refused: 'an authorizer that looks for the token in two places',
    type: 'AWS::ApiGatewayV2::Authorizer',
    properties: { IdentitySource: ['$request.header.Authorization', '$request.querystring.token'] },
    says: /IdentitySource/,
  },
  {
    refused: 'an issuer whose keys anybody on the way could change',
    type: 'AWS::ApiGatewayV2::Authorizer',
    properties: { JwtConfiguration: { Issuer: 'http://issuer.example', Audience: ['a'] } },
    says: /must be an https URL, or one of this machine[\s\S]*Issuer/,
  },
  {
    refused: 'an issuer for no audience',
    type: 'AWS::ApiGatewayV2::Authorizer',
    properties: { JwtConfiguration: { Issuer: 'https://issuer.example', Audience: [] } },
    says: /Audience/,
  },
  {
    refused: 'an alias of two versions',
    type: 'AWS::Lambda::Alias',
    properties: { RoutingConfig: { AdditionalVersionWeights: [] } },
    says: /RoutingConfig/,
  },
  {
    refused: 'an alias with provisioned concurrency',
    type: 'AWS::Lambda::Alias',
    properties: { ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 1 } },
    says: /ProvisionedConcurrencyConfig/,
  },
  {
    refused: 'an alias of a version that is not there',
    type: 'AWS::Lambda::Alias',
    properties: { FunctionVersion: '7' },
    says: /is for version 7 of fn, which is not in this stack/,
  },
  {
    refused: 'an alias of a function that is not there',
    type: 'AWS::Lambda::Alias',
    properties: { FunctionName: 'other' },
    says: /is of other, which is not a function of this stack/,
  },
  {
    refused: 'an alias with the name of a version',
    type: 'AWS::Lambda::Alias',
    properties: { Name: '2' },
    says: /must be the name of an alias/,
  },
  {
    refused: 'a version with provisioned concurrency',
    type: 'AWS::Lambda::Version',
    properties: { ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 1 } },
    says: /ProvisionedConcurrencyConfig/,
  },
  {
    refused: 'a version of a function that is not there',
    type: 'AWS::Lambda::Version',
    properties: { FunctionName: 'other' },
    says: /is of other, which is not a function of this stack/,
  },
  {
    refused: 'a second version of a function',
    type: 'AWS::Lambda::Version',
    edit: (template, resource) => {
      assert(resource);
      // Of two, the last is the second.
      template.Resources = { Another: { ...resource }, ...template.Resources };
    },
    culprit: find(synthesised, 'AWS::Lambda::Version').id,
    says: /is a second version of fn/,
  },
  {
    refused: 'an asynchronous configuration of an alias that is not there',
    type: 'AWS::Lambda::EventInvokeConfig',
    properties: { Qualifier: 'other' },
    says: /function:fn:other, which is not in this stack/,
  },
  {
    refused: 'a route that leads nowhere',
    type: 'AWS::ApiGatewayV2::Route',
    properties: { Target: 'integrations/absent' },
    says: /GET \/fn leads to no function of this stack/,
  },
  {
    refused: 'a route that nothing permits',
    type: 'AWS::ApiGatewayV2::Route',
    edit: (template) => {
      delete template.Resources[find(template, 'AWS::Lambda::Permission').id];
    },
    says: /GET \/fn would always answer 500: nothing permits it to invoke fn/,
  },
  {
    refused: 'a route that only another is permitted in the place of',
    type: 'AWS::ApiGatewayV2::Route',
    edit: (template) => {
      const { Properties } = find(template, 'AWS::Lambda::Permission').resource;
      const { id } = find(template, 'AWS::ApiGatewayV2::Api');
      Properties['SourceArn'] = { 'Fn::Sub': `arn:aws:execute-api:us-east-1:\${AWS::AccountId}:\${${id}}/*/POST/fn` };
    },
    says: /nothing permits it/,
  },
  ...['fn', { Ref: 'fn5FF616E3' }, 'fn:1', 'fn:$LATEST', 'fn:other', 'other:live'].map(
    (FunctionName): Refusal => ({
      refused: `a route to an alias with a permission for ${JSON.stringify(FunctionName)}`,
      type: 'AWS::ApiGatewayV2::Route',
      edit: (template) => {
        find(template, 'AWS::Lambda::Permission').resource.Properties['FunctionName'] = FunctionName;
      },
      says: /nothing permits it to invoke fn:live\./,
    }),
  ),
  {
    refused: 'a route to a function with a permission for its alias',
    type: 'AWS::ApiGatewayV2::Route',
    edit: (template) => {
      const { id } = find(template, 'AWS::Lambda::Function');
      const { Properties } = find(template, 'AWS::ApiGatewayV2::Integration').resource;
      Properties['IntegrationUri'] = { 'Fn::GetAtt': [id, 'Arn'] };
    },
    says: /nothing permits it to invoke fn\./,
  },
  {
    refused: 'a route to an alias that is not there',
    type: 'AWS::ApiGatewayV2::Route',
    edit: (template) => {
      const { Properties } = find(template, 'AWS::ApiGatewayV2::Integration').resource;
      Properties['IntegrationUri'] = 'arn:aws:lambda:us-east-1:000000000000:function:fn:other';
    },
    says: /GET \/fn leads to no function of this stack/,
  },
  {
    refused: 'an integration of payload format 1.0',
    type: 'AWS::ApiGatewayV2::Integration',
    properties: { PayloadFormatVersion: '1.0' },
    says: /PayloadFormatVersion/,
  },
  {
    refused: 'an integration over HTTP',
    type: 'AWS::ApiGatewayV2::Integration',
    properties: { IntegrationType: 'HTTP_PROXY', IntegrationUri: 'https://example.com' },
    says: /IntegrationType/,
  },
  {
    refused: 'a stage of a name',
    type: 'AWS::ApiGatewayV2::Stage',
    properties: { StageName: 'dev' },
    says: /\$default[\s\S]*StageName/,
  },
  {
    refused: 'stage variables',
    type: 'AWS::ApiGatewayV2::Stage',
    properties: { StageVariables: { a: '1' } },
    says: /StageVariables/,
  },
  {
    refused: 'a WebSocket API',
    type: 'AWS::ApiGatewayV2::Api',
    properties: { ProtocolType: 'WEBSOCKET' },
    says: /ProtocolType/,
  },
  {
    refused: 'a function in Python',
    type: fn,
    properties: { Runtime: 'python3.13' },
    says: /nodejs24\.x[\s\S]*Runtime/,
  },
  { refused: 'a function in a VPC', type: fn, properties: { VpcConfig: { SubnetIds: ['a'] } }, says: /VpcConfig/ },
  { refused: 'a function with a layer', type: fn, properties: { Layers: ['arn'] }, says: /Layers/ },
  {
    refused: 'a function whose code is in the template',
    type: fn,
    properties: { Code: { ZipFile: '' } },
    says: /Code/,
  },
  {
    refused: 'a function whose code is elsewhere',
    type: fn,
    properties: { Code: { S3Bucket: 'b', S3Key: 'k.zip' } },
    says: /its code, k\.zip, is not a folder in the assembly/,
  },
  {
    refused: 'a resource with a Condition',
    type: fn,
    edit: (_template, resource) => {
      if (resource) resource.Condition = 'OnlySometimes';
    },
    says: /has a Condition, which has no value on this machine\. Leave it out/,
  },
  {
    refused: 'an intrinsic function that has no value here',
    type: fn,
    properties: { Environment: { Variables: { A: { 'Fn::ImportValue': 'other' } } } },
    says: /uses Fn::ImportValue, which has no value on this machine\. Give the value itself/,
  },
  {
    refused: 'a reference to a parameter',
    type: fn,
    properties: { Environment: { Variables: { A: { Ref: 'BootstrapVersion' } } } },
    says: /refers to BootstrapVersion, which has no value on this machine/,
  },
  {
    refused: 'a reference to what is passed over',
    type: fn,
    properties: { Environment: { Variables: { A: { Ref: 'Topic' } } } },
    edit: ({ Resources }) => {
      Resources['Topic'] = { Type: 'AWS::SNS::Topic', Properties: {} };
    },
    says: /refers to Topic, which has no value on this machine/,
  },
  {
    refused: 'the item of a list that does not have it',
    type: fn,
    properties: { Environment: { Variables: { A: { 'Fn::Select': [1, { 'Fn::Split': [':', 'a'] }] } } } },
    says: /selects item 1 of a list that does not have it/,
  },
  {
    refused: 'an attribute that has no value here',
    type: fn,
    properties: { Environment: { Variables: { A: { 'Fn::GetAtt': ['fnServiceRole5D180AFD', 'RoleId'] } } } },
    says: /needs RoleId of fnServiceRole5D180AFD, which has no value on this machine/,
  },
  {
    refused: 'two APIs',
    edit: (template) => {
      template.Resources['SecondApi'] = find(template, 'AWS::ApiGatewayV2::Api').resource;
    },
    says: /has 2 of AWS::ApiGatewayV2::Api; this runtime serves exactly one/,
  },
  {
    refused: 'no API',
    edit: (template) => {
      delete template.Resources[find(template, 'AWS::ApiGatewayV2::Api').id];
    },
    says: /has 0 of AWS::ApiGatewayV2::Api; this runtime serves exactly one/,
  },
];

describe('the local runtime refuses', () => {
  for (const { refused, type, properties, edit, culprit: known, says } of table) {
    test(refused, async () => {
      const template = structuredClone(synthesised);
      const resource = Object.values(template.Resources).find(({ Type }) => Type === type);
      Object.assign(resource?.Properties ?? {}, properties);
      edit?.(template, resource);
      await writeFile(file, JSON.stringify(template));
      const culprit = known ?? (type === undefined ? 'Test' : find(template, type).id);
      await assert.rejects(readAssembly(stack.directory), (error) => {
        assert(error instanceof UnsupportedResourceError, String(error));
        assert.equal(error.logicalId, culprit);
        assert.match(error.message, new RegExp(`^${culprit}: `));
        assert.match(error.message, says);
        return true;
      });
    });
  }

  test('nothing of the stack that the tests change', async () => {
    await writeFile(file, JSON.stringify(synthesised));
    const { stackName, functions, api } = await readAssembly(stack.directory);
    assert.equal(stackName, 'Test');
    assert.deepEqual(
      functions.map(({ name }) => name),
      ['fn'],
    );
    assert.deepEqual([...api.routes.keys()], ['GET /fn']);
  });
});

describe('the local runtime passes over', () => {
  const types = [
    'AWS::ApiGatewayV2::ApiMapping',
    'AWS::ApiGatewayV2::DomainName',
    'AWS::CertificateManager::Certificate',
    'AWS::CloudWatch::Alarm',
    'AWS::CloudWatch::CompositeAlarm',
    'AWS::CloudWatch::Dashboard',
    'AWS::CodeDeploy::Application',
    'AWS::CodeDeploy::DeploymentConfig',
    'AWS::CodeDeploy::DeploymentGroup',
    'AWS::KMS::Alias',
    'AWS::KMS::Key',
    'AWS::Logs::MetricFilter',
    'AWS::Logs::QueryDefinition',
    'AWS::Logs::ResourcePolicy',
    'AWS::ResourceGroups::Group',
    'AWS::Route53::RecordSet',
    'AWS::SNS::Subscription',
    'AWS::SNS::Topic',
    'AWS::SNS::TopicPolicy',
    'AWS::SSM::Parameter',
  ];
  for (const type of types) {
    test(`${type}, and says so`, async () => {
      const template = structuredClone(synthesised);
      template.Resources['Extra'] = { Type: type, Properties: { Any: { 'Fn::ImportValue': 'thing' } } };
      await writeFile(file, JSON.stringify(template));
      const { ignored } = await readAssembly(stack.directory);
      assert.deepEqual(ignored, ['AWS::IAM::Role', type].toSorted());
    });
  }

  const properties: [type: string, properties: Record<string, unknown>][] = [
    ['AWS::ApiGatewayV2::Api', { DisableExecuteApiEndpoint: true, IpAddressType: 'dualstack' }],
    [fn, { TracingConfig: { Mode: 'Active' }, KmsKeyArn: 'arn:aws:kms:us-east-1:000000000000:key/a' }],
    ['AWS::Lambda::Alias', { Description: 'what callers call' }],
    ['AWS::Lambda::Version', { Description: 'the first', CodeSha256: 'a' }],
  ];
  for (const [type, ignored] of properties) {
    test(`${Object.keys(ignored).join(' and ')} of ${type}`, async () => {
      const template = structuredClone(synthesised);
      Object.assign(find(template, type).resource.Properties, ignored);
      await writeFile(file, JSON.stringify(template));
      await readAssembly(stack.directory);
    });
  }

  test('how a resource is deployed', async () => {
    const template = structuredClone(synthesised);
    const UpdatePolicy = { CodeDeployLambdaAliasUpdate: { ApplicationName: { Ref: 'Absent' } } };
    for (const resource of Object.values(template.Resources)) {
      Object.assign(resource, { UpdatePolicy, DependsOn: ['Absent'], Metadata: {}, DeletionPolicy: 'Retain' });
    }
    await writeFile(file, JSON.stringify(template));
    await readAssembly(stack.directory);
  });
});
