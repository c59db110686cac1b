import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Unservable } from './unservable.ts';

/** The account and region that a locally served stack believes to be in. */
export const account = '000000000000';
export const region = 'us-east-1';

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
  sub: z.strictObject({ 'Fn::Sub': z.string() }),
};

/** Gives the values that CloudFormation would put in the place of `Ref`, `Fn::GetAtt`, `Fn::Join` and `Fn::Sub`. */
export class Intrinsics {
  private readonly resources: ReadonlyMap<string, Resource>;

  constructor(resources: ReadonlyMap<string, Resource>) {
    this.resources = resources;
  }

  /**
   * A template value with every intrinsic function in it resolved.
   * @param user the logical id of the resource that the value belongs to
   * @throws {Unservable} for a function or an attribute that has no value on this machine.
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
    const sub = intrinsic.sub.safeParse(value);
    if (sub.success) {
      return sub.data['Fn::Sub'].replace(/\$\{([^!}][^}]*)\}/g, (_, name: string) =>
        name.includes('.') ? this.attribute(...halves(name), user) : this.ref(name, user),
      );
    }
    const [key] = Object.keys(value);
    if (key?.startsWith('Fn::')) {
      throw new Unservable(user, `uses ${key}, which has no value on this machine. Give the value itself.`);
    }
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, this.resolve(item, user)]));
  }

  /** @throws {Unservable} when there is no such resource. */
  ref(name: string, user: string): string {
    const pseudo = pseudoParameters[name];
    if (pseudo !== undefined) return pseudo;
    const resource = this.resources.get(name);
    if (!resource) throw new Unservable(user, `refers to ${name}, which has no value on this machine.`);
    const id = physicalId(name, resource);
    return resource.Type === 'AWS::SQS::Queue' ? `https://sqs.${region}.amazonaws.com/${account}/${id}` : id;
  }

  /** @throws {Unservable} when the attribute has no value on this machine. */
  attribute(name: string, attribute: string, user: string): string {
    const resource = this.resources.get(name);
    if (resource && attribute === 'Arn') {
      const id = physicalId(name, resource);
      switch (resource.Type) {
        case 'AWS::Lambda::Function':
          return `arn:aws:lambda:${region}:${account}:function:${id}`;
        case 'AWS::SQS::Queue':
          return `arn:aws:sqs:${region}:${account}:${id}`;
        case 'AWS::Logs::LogGroup':
          return `arn:aws:logs:${region}:${account}:log-group:${id}:*`;
      }
    }
    throw new Unservable(user, `needs ${attribute} of ${name}, which has no value on this machine.`);
  }
}

/** The name that the resource has, or the one that CloudFormation would make up. */
function physicalId(logicalId: string, { Type, Properties }: Resource): string {
  const { FunctionName, LogGroupName, QueueName } = Properties;
  const named = [FunctionName, LogGroupName, QueueName].find((name) => typeof name === 'string');
  if (named !== undefined) return named;
  // An API's id is ten letters and digits; here made from its logical id, so that it stays the same.
  if (Type === 'AWS::ApiGatewayV2::Api') return createHash('sha256').update(logicalId).digest('hex').slice(0, 10);
  return logicalId;
}

function halves(name: string): [string, string] {
  const dot = name.indexOf('.');
  return [name.slice(0, dot), name.slice(dot + 1)];
}
