import assert from 'node:assert/strict';
import type { Refusal } from './refusal.ts';

const fn = 'AWS::Lambda::Function';

/** Functions, versions, aliases and template values that cannot be served as on AWS. */
export const functionRefusals: Refusal[] = [
  {
    what: 'an alias with weighted versions',
    type: 'AWS::Lambda::Alias',
    properties: { RoutingConfig: { AdditionalVersionWeights: [] } },
    says: /RoutingConfig/,
  },
  {
    what: 'an alias with provisioned concurrency',
    type: 'AWS::Lambda::Alias',
    properties: { ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 1 } },
    says: /ProvisionedConcurrencyConfig/,
  },
  {
    what: 'an alias of a version that does not exist',
    type: 'AWS::Lambda::Alias',
    properties: { FunctionVersion: '7' },
    says: /points to version 7 of fn, which is not in this stack/,
  },
  {
    what: 'an alias of a function that does not exist',
    type: 'AWS::Lambda::Alias',
    properties: { FunctionName: 'other' },
    says: /belongs to other, which is not a function of this stack/,
  },
  {
    what: 'an alias whose name is a version number',
    type: 'AWS::Lambda::Alias',
    properties: { Name: '2' },
    says: /must be the name of an alias/,
  },
  {
    what: 'a version with provisioned concurrency',
    type: 'AWS::Lambda::Version',
    properties: { ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 1 } },
    says: /ProvisionedConcurrencyConfig/,
  },
  {
    what: 'a version of a function that does not exist',
    type: 'AWS::Lambda::Version',
    properties: { FunctionName: 'other' },
    says: /belongs to other, which is not a function of this stack/,
  },
  {
    what: 'a second version of a function',
    type: 'AWS::Lambda::Version',
    edit: (template, resource) => {
      assert(resource);
      // The template's own version then is the second.
      template.Resources = { Another: { ...resource }, ...template.Resources };
    },
    isLast: true,
    says: /is a second version of fn/,
  },
  {
    what: 'an asynchronous configuration of an alias that does not exist',
    type: 'AWS::Lambda::EventInvokeConfig',
    properties: { Qualifier: 'other' },
    says: /function:fn:other, which is not in this stack/,
  },
  {
    what: 'a function in Python',
    type: fn,
    properties: { Runtime: 'python3.13' },
    says: /nodejs24\.x[\s\S]*Runtime/,
  },
  { what: 'a function in a VPC', type: fn, properties: { VpcConfig: { SubnetIds: ['a'] } }, says: /VpcConfig/ },
  /** @aws docs:chapter-layers: Layers are in `/opt`, extensions run beside the function. @here such a function is refused at start. */
  { what: 'a function with a layer', type: fn, properties: { Layers: ['arn'] }, says: /Layers/ },
  {
    what: 'a function with inline code',
    type: fn,
    properties: { Code: { ZipFile: '' } },
    says: /Code/,
  },
  {
    what: 'a function whose code is not in the assembly',
    type: fn,
    properties: { Code: { S3Bucket: 'b', S3Key: 'k.zip' } },
    says: /its code, k\.zip, is not a folder in the assembly/,
  },
  {
    what: 'a resource with a Condition that does not exist',
    type: fn,
    edit: (_template, resource) => {
      if (resource) resource.Condition = 'OnlySometimes';
    },
    says: /has the Condition OnlySometimes, whose value is not known on this machine: it needs the Condition OnlySometimes, which the template does not define/,
  },
  {
    what: 'an intrinsic function without a value on this machine',
    type: fn,
    properties: { Environment: { Variables: { A: { 'Fn::ImportValue': 'other' } } } },
    says: /uses Fn::ImportValue, which has no value on this machine\. Give the value itself/,
  },
  {
    what: 'a reference to a parameter',
    type: fn,
    properties: { Environment: { Variables: { A: { Ref: 'BootstrapVersion' } } } },
    says: /refers to BootstrapVersion, which has no value on this machine/,
  },
  {
    what: 'a reference to an ignored resource',
    type: fn,
    properties: { Environment: { Variables: { A: { Ref: 'Alarm' } } } },
    edit: ({ Resources }) => {
      Resources['Alarm'] = { Type: 'AWS::CloudWatch::Alarm', Properties: {} };
    },
    says: /refers to Alarm, which has no value on this machine/,
  },
  {
    what: 'a list item that does not exist',
    type: fn,
    properties: { Environment: { Variables: { A: { 'Fn::Select': [1, { 'Fn::Split': [':', 'a'] }] } } } },
    says: /selects item 1 of a list that does not have it/,
  },
  {
    what: 'an attribute without a value on this machine',
    type: fn,
    properties: { Environment: { Variables: { A: { 'Fn::GetAtt': ['fnServiceRole5D180AFD', 'RoleId'] } } } },
    says: /needs RoleId of fnServiceRole5D180AFD, which has no value on this machine/,
  },
  {
    what: 'a resource that is not served',
    type: 'AWS::DynamoDB::Table',
    edit: ({ Resources }) => {
      Resources['Table'] = { Type: 'AWS::DynamoDB::Table', Properties: {} };
    },
    says: /AWS::DynamoDB::Table is not served on this machine\. Leave it out/,
  },
];
