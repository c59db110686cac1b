import { z } from 'zod';
import { account, region } from '../aws/arn.ts';
import { type ReferencedResource, references } from './resource-references.ts';
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

/** Arguments of the intrinsic functions. */
const twoNames = z.tuple([z.string(), z.string()]);
const joinArguments = z.tuple([z.string(), z.array(z.unknown())]);
const selectArguments = z.tuple([z.coerce.number(), z.unknown()]);
const splitArguments = z.tuple([z.string(), z.unknown()]);

/** Resolves `Ref` and intrinsic functions to the values that CloudFormation would insert. */
export class Intrinsics {
  private readonly resources: ReadonlyMap<string, Resource>;

  constructor(resources: ReadonlyMap<string, Resource>) {
    this.resources = resources;
  }

  /**
   * Returns a template value with every intrinsic function resolved.
   * @param user the logical id of the resource that has the value
   * @throws {UnsupportedResourceError} for a function or an attribute without a value on this machine.
   */
  resolve(value: unknown, user: string): unknown {
    if (Array.isArray(value)) return value.map((item) => this.resolve(item, user));
    if (typeof value !== 'object' || value === null) return value;

    const entries = Object.entries(value);
    const [[name, argument] = ['', undefined]] = entries;
    if ((name === 'Ref' && entries.length === 1) || name.startsWith('Fn::')) return this.call(name, argument, user);
    return Object.fromEntries(entries.map(([key, item]) => [key, this.resolve(item, user)]));
  }

  /** Returns the value of `Ref`. @throws {UnsupportedResourceError} when it has none on this machine. */
  ref(name: string, user: string): string {
    const value = pseudoParameters[name] ?? this.referenced(name, ({ ref }) => ref);
    if (value !== undefined) return value;
    throw new UnsupportedResourceError(user, `refers to ${name}, which has no value on this machine.`);
  }

  /** Returns the value of `Fn::GetAtt`. @throws {UnsupportedResourceError} when it has none on this machine. */
  attribute(name: string, attribute: string, user: string): string {
    const value = this.referenced(name, ({ attributes }) => attributes?.[attribute]);
    if (value !== undefined) return value;
    throw new UnsupportedResourceError(user, `needs ${attribute} of ${name}, which has no value on this machine.`);
  }

  private call(name: string, argument: unknown, user: string): unknown {
    switch (name) {
      case 'Ref':
        return this.ref(argumentsOf(name, z.string(), argument, user), user);
      case 'Fn::GetAtt':
        return this.attribute(...argumentsOf(name, twoNames, argument, user), user);
      case 'Fn::Join': {
        const [separator, parts] = argumentsOf(name, joinArguments, argument, user);
        return parts.map((part) => this.resolve(part, user)).join(separator);
      }
      case 'Fn::Split': {
        const [separator, text] = argumentsOf(name, splitArguments, argument, user);
        return String(this.resolve(text, user)).split(separator);
      }
      case 'Fn::Select': {
        const [index, list] = argumentsOf(name, selectArguments, argument, user);
        const items = this.resolve(list, user);
        if (Array.isArray(items) && items[index] !== undefined) return items[index];
        throw new UnsupportedResourceError(user, `selects item ${index} of a list that does not have it.`);
      }
      case 'Fn::Sub':
        return this.substitute(argumentsOf(name, z.string(), argument, user), user);
      default:
        throw new UnsupportedResourceError(
          user,
          `uses ${name}, which has no value on this machine. Give the value itself.`,
        );
    }
  }

  private substitute(text: string, user: string): string {
    return text.replace(/\$\{([^!}][^}]*)\}/g, (_, name: string) => {
      const dot = name.indexOf('.');
      return dot < 0 ? this.ref(name, user) : this.attribute(name.slice(0, dot), name.slice(dot + 1), user);
    });
  }

  private referenced(
    logicalId: string,
    choose: (known: NonNullable<ReturnType<typeof references.get>>) => ((of: ReferencedResource) => string) | undefined,
  ): string | undefined {
    const resource = this.resources.get(logicalId);
    const known = references.get(resource?.Type ?? '');
    const text = (property: string) => {
      const value = this.resolve(resource?.Properties[property], logicalId);
      return typeof value === 'string' ? value : logicalId;
    };
    return known && choose(known)?.({ logicalId, text });
  }
}

/** @throws {UnsupportedResourceError} when a function has arguments that CloudFormation rejects. */
function argumentsOf<Shape extends z.ZodType>(
  name: string,
  shape: Shape,
  argument: unknown,
  user: string,
): z.output<Shape> {
  const parsed = shape.safeParse(argument);
  if (parsed.success) return parsed.data;
  throw new UnsupportedResourceError(user, `calls ${name} with ${JSON.stringify(argument)}: check its arguments.`);
}
