/** Templates that cannot be served as on AWS are refused at start, with the name of the resource. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { UnsupportedResourceError } from '../../../infra/local/cloud-assembly/unsupported-resource.ts';
import { apiRefusals } from './api-refusals.cases.ts';
import { functionRefusals } from './function-refusals.cases.ts';
import { find, openAssembly } from './template.ts';

const assembly = await openAssembly();
after(() => assembly[Symbol.asyncDispose]());

for (const { what, type, properties, edit, isLast = false, says } of [...apiRefusals, ...functionRefusals]) {
  test(`the local runtime refuses ${what}`, async () => {
    const template = assembly.template();
    const resource = Object.values(template.Resources).find(({ Type }) => Type === type);
    Object.assign(resource?.Properties ?? {}, properties);
    edit?.(template, resource);
    const ids = Object.keys(template.Resources).filter((id) => template.Resources[id]?.Type === type);
    const culprit = (isLast ? ids.at(-1) : ids[0]) ?? 'Test';
    await assert.rejects(assembly.read(template), (error) => {
      assert(error instanceof UnsupportedResourceError, String(error));
      assert.equal(error.logicalId, culprit);
      assert.match(error.message, new RegExp(`^${culprit}: `));
      assert.match(error.message, says);
      return true;
    });
  });
}

test('the local runtime serves the template that these tests edit', async () => {
  const { stackName, functions, api } = await assembly.read(assembly.template());
  assert.equal(stackName, 'Test');
  assert.deepEqual(
    functions.map(({ name }) => name),
    ['fn'],
  );
  assert.deepEqual([...api.routes.keys()], ['GET /fn']);
});

describe('the local runtime ignores', () => {
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
    'AWS::SNS::TopicPolicy',
    'AWS::SSM::Parameter',
  ];
  for (const type of types) {
    test(`a resource of type ${type}, and lists it`, async () => {
      const template = assembly.template();
      template.Resources['Extra'] = { Type: type, Properties: { Any: { 'Fn::ImportValue': 'thing' } } };
      const { ignored } = await assembly.read(template);
      assert.deepEqual(ignored, ['AWS::IAM::Role', type].toSorted());
    });
  }

  const properties: [type: string, properties: Record<string, unknown>][] = [
    ['AWS::ApiGatewayV2::Api', { DisableExecuteApiEndpoint: true, IpAddressType: 'dualstack' }],
    [
      'AWS::Lambda::Function',
      { TracingConfig: { Mode: 'Active' }, KmsKeyArn: 'arn:aws:kms:us-east-1:000000000000:key/a' },
    ],
    ['AWS::Lambda::Alias', { Description: 'what callers call' }],
    ['AWS::Lambda::Version', { Description: 'the first', CodeSha256: 'a' }],
  ];
  for (const [type, ignored] of properties) {
    test(`the properties ${Object.keys(ignored).join(' and ')} of ${type}`, async () => {
      const template = assembly.template();
      Object.assign(find(template, type).resource.Properties, ignored);
      await assembly.read(template);
    });
  }

  test('how a resource is deployed', async () => {
    const template = assembly.template();
    const UpdatePolicy = { CodeDeployLambdaAliasUpdate: { ApplicationName: { Ref: 'Absent' } } };
    for (const resource of Object.values(template.Resources)) {
      Object.assign(resource, { UpdatePolicy, DependsOn: ['Absent'], Metadata: {}, DeletionPolicy: 'Retain' });
    }
    await assembly.read(template);
  });
});
