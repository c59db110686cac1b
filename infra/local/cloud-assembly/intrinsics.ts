import { createHash } from 'node:crypto';
import { z } from 'zod';
import { account, firstVersion, functionArn, parseFunctionReference, region } from '../aws/arn.ts';
import { UnsupportedResourceError } from './unsupported-resource.ts';

export interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
}

const pseudoParameters: Record<string, string> = {
  'AWS::AccountId': account,
  'AWS::Partition': 'aws',
  'AWS::Region': region,
  'AWS::URLSuffix': 'amazonaws.com',
};

const intrinsic = {
  ref: z.strictObject({ Ref: z.string() }),
  getAtt: z.strictObject({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) }),
  join: z.strictObject({ 'Fn::Join': z.tuple([z.string(), z.array(z.unknown())]) }),
  select: z.strictObject({ 'Fn::Select': z.tuple([z.coerce.number(), z.unknown()]) }),
  split: z.strictObject({ 'Fn::Split': z.tuple([z.string(), z.unknown()]) }),
  sub: z.strictObject({ 'Fn::Sub': z.string() }),
};

/** Gives the values that CloudFormation would put in the place of `Ref` and of the functions named above. */
export class Intrinsics {
  private readonly resources: ReadonlyMap<string, Resource>;

  constructor(resources: ReadonlyMap<string, Resource>) {
    this.resources = resources;
  }

  /**
   * A template value with every intrinsic function in it resolved.
   * @param user the logical id of the resource that the value belongs to
   * @throws {UnsupportedResourceError} for a function or an attribute that has no value on this machine.
   */
  resolve(value: unknown, user: string): unknown {
    if (Array.isArray(value)) return value.map((item) => this.resolve(item, user));
    if (typeof value !== 'object' || value === null) return value;

    const ref = intrinsic.ref.safeParse(value);
    if (ref.success) return this.ref(ref.data.Ref, user);
    const getAtt = intrinsic.getAtt.safeParse(value);
    if (getAtt.success) return this.attribute(...getAtt.data['Fn::GetAtt'], user);
    const join = intrinsic.join.safeParse(value);
    if (join.success) {
      const [separator, parts] = join.data['Fn::Join'];
      return parts.map((part) => this.resolve(part, user)).join(separator);
    }
    const split = intrinsic.split.safeParse(value);
    if (split.success) {
      const [separator, text] = split.data['Fn::Split'];
      return String(this.resolve(text, user)).split(separator);
    }
    const select = intrinsic.select.safeParse(value);
    if (select.success) {
      const [index, list] = select.data['Fn::Select'];
      const items = this.resolve(list, user);
      if (Array.isArray(items) && items[index] !== undefined) return items[index];
      throw new UnsupportedResourceError(user, `selects item ${index} of a list that does not have it.`);
    }
    const sub = intrinsic.sub.safeParse(value);
    if (sub.success) {
      return sub.data['Fn::Sub'].replace(/\$\{([^!}][^}]*)\}/g, (_, name: string) =>
        name.includes('.') ? this.attribute(...halves(name), user) : this.ref(name, user),
      );
    }
    const [key] = Object.keys(value);
    if (key?.startsWith('Fn::')) {
      throw new UnsupportedResourceError(
        user,
        `uses ${key}, which has no value on this machine. Give the value itself.`,
      );
    }
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, this.resolve(item, user)]));
  }

  /** @throws {UnsupportedResourceError} when there is no such resource, or its reference has no value on this machine. */
  ref(name: string, user: string): string {
    const pseudo = pseudoParameters[name];
    if (pseudo !== undefined) return pseudo;
    const resource = this.resources.get(name);
    switch (resource?.Type) {
      case 'AWS::ApiGatewayV2::Api':
        // An API's id is ten letters and digits; here made from its logical id, so that it stays the same.
        return createHash('sha256').update(name).digest('hex').slice(0, 10);
      case 'AWS::ApiGatewayV2::Authorizer':
      case 'AWS::ApiGatewayV2::Integration':
        return name;
      case 'AWS::ApiGatewayV2::Stage':
        return this.text(resource, 'StageName', name);
      case 'AWS::Lambda::Function':
        return this.text(resource, 'FunctionName', name);
      case 'AWS::Lambda::Alias':
        return this.qualifiedArn(resource, this.text(resource, 'Name', name), name);
      case 'AWS::Lambda::Version':
        return this.qualifiedArn(resource, firstVersion, name);
      case 'AWS::Logs::LogGroup':
        return this.text(resource, 'LogGroupName', name);
      case 'AWS::SQS::Queue':
        return `https://sqs.${region}.amazonaws.com/${account}/${this.text(resource, 'QueueName', name)}`;
    }
    throw new UnsupportedResourceError(user, `refers to ${name}, which has no value on this machine.`);
  }

  /** @throws {UnsupportedResourceError} when the attribute has no value on this machine. */
  attribute(name: string, attribute: string, user: string): string {
    const resource = this.resources.get(name);
    switch (resource && `${resource.Type} ${attribute}`) {
      case 'AWS::Lambda::Function Arn':
        return functionArn({ name: this.ref(name, user) });
      case 'AWS::Lambda::Alias AliasArn':
      case 'AWS::Lambda::Version FunctionArn':
        return this.ref(name, user);
      case 'AWS::Lambda::Version Version':
        return firstVersion;
      case 'AWS::Logs::LogGroup Arn':
        return `arn:aws:logs:${region}:${account}:log-group:${this.ref(name, user)}:*`;
      case 'AWS::SQS::Queue Arn':
        return `arn:aws:sqs:${region}:${account}:${this.ref(name, user).split('/').at(-1)}`;
    }
    throw new UnsupportedResourceError(user, `needs ${attribute} of ${name}, which has no value on this machine.`);
  }

  /** A property that is a text, or, where it is not set, the name that CloudFormation would make up. */
  private text({ Properties }: Resource, property: string, logicalId: string): string {
    const value = this.resolve(Properties[property], logicalId);
    return typeof value === 'string' ? value : logicalId;
  }

  /** @param resource a version or an alias of a function, which it names by its name or ARN */
  private qualifiedArn(resource: Resource, qualifier: string, logicalId: string): string {
    const text = this.text(resource, 'FunctionName', logicalId);
    return functionArn({ name: parseFunctionReference(text)?.name ?? text, qualifier });
  }
}

function halves(name: string): [string, string] {
  const dot = name.indexOf('.');
  return [name.slice(0, dot), name.slice(dot + 1)];
}
