import { z } from 'zod';
import { Conditions } from './conditions.ts';
import { noValue, parameterValues } from './parameters.ts';
import { type ReferencedResource, references } from './resource-references.ts';
import type { Resource, TemplateDocument } from './template-shape.ts';
import { UnsupportedResourceError } from './unsupported-resource.ts';

/** Arguments of the intrinsic functions. */
const attributeArguments = z.union([
  z.tuple([z.string(), z.string()]),
  z
    .string()
    .regex(/^[^.]+\../)
    .transform((text): [string, string] => halves(text)),
]);
const ifArguments = z.tuple([z.string(), z.unknown(), z.unknown()]);
const joinArguments = z.tuple([z.string(), z.unknown()]);
const mapArguments = z.tuple([z.unknown(), z.unknown(), z.unknown()]);
const selectArguments = z.tuple([z.unknown(), z.unknown()]);
const splitArguments = z.tuple([z.string(), z.unknown()]);
const subArguments = z.union([
  z.string().transform((text): [string, Record<string, unknown>] => [text, {}]),
  z.tuple([z.string(), z.record(z.string(), z.unknown())]),
]);

/** Resolves `Ref` and intrinsic functions to the values that CloudFormation would insert. */
export class Intrinsics {
  /** Evaluates the conditions of the template. */
  readonly conditions: Conditions;
  private readonly resources: ReadonlyMap<string, Resource>;
  private readonly parameters: ReadonlyMap<string, unknown>;
  private readonly parametersWithoutDefault: ReadonlySet<string>;
  private readonly mappings: TemplateDocument['Mappings'];

  constructor(stackName: string, { Resources, Parameters, Conditions: conditions, Mappings }: TemplateDocument) {
    this.resources = new Map(Object.entries(Resources));
    this.parameters = parameterValues(stackName, Parameters);
    const withoutDefault = Object.entries(Parameters).filter(([, { Default }]) => Default === undefined);
    this.parametersWithoutDefault = new Set(withoutDefault.map(([name]) => name));
    this.mappings = Mappings;
    this.conditions = new Conditions(conditions, (value, user) => this.resolve(value, user));
  }

  /**
   * Returns a template value with every intrinsic function resolved.
   * @param user the logical id of the resource that has the value
   * @throws {UnsupportedResourceError} for a function or an attribute without a value on this machine.
   */
  resolve(value: unknown, user: string): unknown {
    if (Array.isArray(value)) return value.map((item) => this.resolve(item, user)).filter((item) => item !== noValue);
    if (typeof value !== 'object' || value === null) return value;

    const entries = Object.entries(value);
    const [[name, argument] = ['', undefined]] = entries;
    if ((name === 'Ref' && entries.length === 1) || name.startsWith('Fn::')) return this.call(name, argument, user);
    const resolved = entries.map(([key, item]) => [key, this.resolve(item, user)]);
    return Object.fromEntries(resolved.filter(([, item]) => item !== noValue));
  }

  /** Returns the value of `Ref`. @throws {UnsupportedResourceError} when it has none on this machine. */
  ref(name: string, user: string): unknown {
    const value = this.parameters.get(name) ?? this.referenced(name, user, ({ ref }) => ref);
    if (value !== undefined) return value;
    const hint = this.parametersWithoutDefault.has(name) ? ' Give the parameter a Default.' : '';
    throw new UnsupportedResourceError(user, `refers to ${name}, which has no value on this machine.${hint}`);
  }

  /** Returns the value of `Fn::GetAtt`. @throws {UnsupportedResourceError} when it has none on this machine. */
  attribute(name: string, attribute: string, user: string): string {
    const value = this.referenced(name, user, ({ attributes }) => attributes?.[attribute]);
    if (value !== undefined) return value;
    throw new UnsupportedResourceError(user, `needs ${attribute} of ${name}, which has no value on this machine.`);
  }

  private call(name: string, argument: unknown, user: string): unknown {
    switch (name) {
      case 'Ref':
        return this.ref(argumentsOf(name, z.string(), argument, user), user);
      case 'Fn::GetAtt':
        return this.attribute(...argumentsOf(name, attributeArguments, argument, user), user);
      case 'Fn::If': {
        const [condition, then, otherwise] = argumentsOf(name, ifArguments, argument, user);
        return this.resolve(this.conditions.holds(condition, user) ? then : otherwise, user);
      }
      case 'Fn::FindInMap': {
        const [map, top, second] = argumentsOf(name, mapArguments, argument, user).map((key) =>
          String(this.resolve(key, user)),
        );
        const value = this.mappings[map ?? '']?.[top ?? '']?.[second ?? ''];
        if (value !== undefined) return value;
        throw new UnsupportedResourceError(user, `looks up ${map}.${top}.${second}, which the Mappings do not have.`);
      }
      case 'Fn::Base64':
        return Buffer.from(String(this.resolve(argument, user))).toString('base64');
      case 'Fn::Join': {
        const [separator, parts] = argumentsOf(name, joinArguments, argument, user);
        return this.list(name, parts, user).join(separator);
      }
      case 'Fn::Split': {
        const [separator, text] = argumentsOf(name, splitArguments, argument, user);
        return String(this.resolve(text, user)).split(separator);
      }
      case 'Fn::Select': {
        const [index, list] = argumentsOf(name, selectArguments, argument, user);
        const number = Number(this.resolve(index, user));
        const item = this.list(name, list, user)[number];
        if (item !== undefined) return item;
        throw new UnsupportedResourceError(user, `selects item ${number} of a list that does not have it.`);
      }
      case 'Fn::Sub': {
        const [text, variables] = argumentsOf(name, subArguments, argument, user);
        return this.substitute(text, variables, user);
      }
      default:
        throw new UnsupportedResourceError(
          user,
          `uses ${name}, which has no value on this machine. Give the value itself.`,
        );
    }
  }

  private list(name: string, value: unknown, user: string): unknown[] {
    return argumentsOf(name, z.array(z.unknown()), this.resolve(value, user), user);
  }

  private substitute(text: string, variables: Record<string, unknown>, user: string): string {
    return text.replace(/\$\{(!?)([^}]*)\}/g, (_, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      if (Object.hasOwn(variables, name)) return String(this.resolve(variables[name], user));
      return String(name.includes('.') ? this.attribute(...halves(name), user) : this.ref(name, user));
    });
  }

  private referenced(
    logicalId: string,
    user: string,
    choose: (known: NonNullable<ReturnType<typeof references.get>>) => ((of: ReferencedResource) => string) | undefined,
  ): string | undefined {
    const resource = this.resources.get(logicalId);
    const known = references.get(resource?.Type ?? '');
    const reference = known && choose(known);
    if (!resource || !reference) return undefined;
    if (resource.Condition !== undefined && !this.conditions.holds(resource.Condition, logicalId)) {
      throw new UnsupportedResourceError(
        user,
        `refers to ${logicalId}, which the stack does not have: its Condition ${resource.Condition} is false.`,
      );
    }
    const text = (property: string) => {
      const value = this.resolve(resource.Properties[property], logicalId);
      return typeof value === 'string' || typeof value === 'number' ? String(value) : logicalId;
    };
    return reference({ logicalId, text });
  }
}

/** Splits `Resource.Attribute` at its first dot. */
function halves(text: string): [string, string] {
  const dot = text.indexOf('.');
  return [text.slice(0, dot), text.slice(dot + 1)];
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
