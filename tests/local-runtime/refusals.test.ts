/** Templates that cannot be served faithfully are refused at start, by name. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { readAssembly } from '../../infra/local/assembly.ts';
import { Unservable } from '../../infra/local/unservable.ts';
import { synthesise } from './test-stack.ts';

interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
  Condition?: string;
}

interface Template {
  Resources: Record<string, Resource>;
}

const stack = await synthesise({ fn: { code: 'export const handler = () => 1;' } });
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
    refused: 'a route with an authorizer',
    type: 'AWS::ApiGatewayV2::Route',
    properties: { AuthorizationType: 'JWT', AuthorizerId: 'a' },
    says: /AuthorizerId[\s\S]*AuthorizationType|AuthorizationType[\s\S]*AuthorizerId/,
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
  for (const { refused, type, properties, edit, says } of table) {
    test(refused, async () => {
      const template = structuredClone(synthesised);
      const resource = Object.values(template.Resources).find(({ Type }) => Type === type);
      Object.assign(resource?.Properties ?? {}, properties);
      edit?.(template, resource);
      await writeFile(file, JSON.stringify(template));
      const culprit = type === undefined ? 'Test' : find(template, type).id;
      await assert.rejects(readAssembly(stack.directory), (error) => {
        assert(error instanceof Unservable, String(error));
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
