import { createHash } from 'node:crypto';
import { account, firstVersion, functionArn, parseFunctionReference, region } from '../aws/arn.ts';

/** What `Ref` and `Fn::GetAtt` need to know of a resource. */
export interface ReferencedResource {
  logicalId: string;
  /** Returns a property as text, or the logical id where CloudFormation would generate a name. */
  text(property: string): string;
}

type Reference = (resource: ReferencedResource) => string;

/** The values that a type of resource gives to `Ref` and, by attribute, to `Fn::GetAtt`. */
interface References {
  ref: Reference;
  attributes?: Record<string, Reference>;
}

const logicalId: Reference = (resource) => resource.logicalId;
const property =
  (name: string): Reference =>
  (resource) =>
    resource.text(name);
const qualifiedArn = ({ text }: ReferencedResource, qualifier: string) => {
  const name = text('FunctionName');
  return functionArn({ name: parseFunctionReference(name)?.name ?? name, qualifier });
};
const versionArn: Reference = (version) => qualifiedArn(version, firstVersion);
const topicArn: Reference = ({ text }) => `arn:aws:sns:${region}:${account}:${text('TopicName')}`;
const queueUrl: Reference = ({ text }) => `https://sqs.${region}.amazonaws.com/${account}/${text('QueueName')}`;
const aliasArn: Reference = (alias) => qualifiedArn(alias, alias.text('Name'));

/** By type of resource. A reference to any other type has no value on this machine. */
export const references: ReadonlyMap<string, References> = new Map<string, References>([
  // An API's id has ten letters and digits. A hash of the logical id stays the same over every start.
  ['AWS::ApiGatewayV2::Api', { ref: (api) => createHash('sha256').update(api.logicalId).digest('hex').slice(0, 10) }],
  ['AWS::ApiGatewayV2::Authorizer', { ref: logicalId }],
  ['AWS::ApiGatewayV2::Integration', { ref: logicalId }],
  ['AWS::ApiGatewayV2::Stage', { ref: property('StageName') }],
  [
    'AWS::Lambda::Function',
    { ref: property('FunctionName'), attributes: { Arn: (fn) => functionArn({ name: fn.text('FunctionName') }) } },
  ],
  ['AWS::Lambda::Alias', { ref: aliasArn, attributes: { AliasArn: aliasArn } }],
  ['AWS::Lambda::Version', { ref: versionArn, attributes: { FunctionArn: versionArn, Version: () => firstVersion } }],
  [
    'AWS::Logs::LogGroup',
    {
      ref: property('LogGroupName'),
      attributes: { Arn: ({ text }) => `arn:aws:logs:${region}:${account}:log-group:${text('LogGroupName')}:*` },
    },
  ],
  [
    'AWS::IAM::Role',
    { ref: logicalId, attributes: { Arn: (role) => `arn:aws:iam::${account}:role/${role.logicalId}` } },
  ],
  [
    'AWS::Events::EventBus',
    {
      ref: property('Name'),
      attributes: {
        Arn: ({ text }) => `arn:aws:events:${region}:${account}:event-bus/${text('Name')}`,
        Name: property('Name'),
      },
    },
  ],
  ['AWS::Scheduler::Schedule', { ref: property('Name') }],
  ['AWS::SNS::Topic', { ref: topicArn, attributes: { TopicArn: topicArn, TopicName: property('TopicName') } }],
  [
    'AWS::SQS::Queue',
    {
      ref: queueUrl,
      attributes: {
        Arn: ({ text }) => `arn:aws:sqs:${region}:${account}:${text('QueueName')}`,
        QueueName: property('QueueName'),
        QueueUrl: queueUrl,
      },
    },
  ],
]);
