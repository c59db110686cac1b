import { z } from 'zod';
import { Intrinsics } from './intrinsics.ts';
import type { ResourceSchema } from './resource-schema.ts';
import { ignoredTypes, servedTypes } from './resource-schemas.ts';
import type { Resource, TemplateDocument } from './template-shape.ts';
import { UnsupportedResourceError } from './unsupported-resource.ts';

/**
 * A template whose resource types are all known: each is served, or ignored because it does not affect a request.
 */
export class Template {
  readonly stackName: string;
  private readonly resources: ReadonlyMap<string, Resource>;
  private readonly intrinsics: Intrinsics;

  /**
   * @throws {UnsupportedResourceError} for the first resource of another type, or of a served type with a condition
   * whose value is not known. A resource whose condition is false is left out, as CloudFormation does.
   */
  constructor(stackName: string, document: TemplateDocument) {
    this.stackName = stackName;
    this.intrinsics = new Intrinsics(stackName, document);
    const resources = new Map<string, Resource>();
    for (const [id, resource] of Object.entries(document.Resources)) {
      const { Type, Condition } = resource;
      if (ignoredTypes.has(Type)) resources.set(id, resource);
      else if (Condition !== undefined && !this.intrinsics.conditions.holds(Condition, id)) continue;
      else if (servedTypes.has(Type)) resources.set(id, resource);
      else {
        throw new UnsupportedResourceError(
          id,
          `${Type} is not served on this machine. Leave it out of the stack that you start.`,
        );
      }
    }
    this.resources = resources;
  }

  /** The ignored types of resource, each once. */
  get ignored(): string[] {
    const types = new Set(this.resources.values().map(({ Type }) => Type));
    return [...types].filter((type) => ignoredTypes.has(type)).toSorted();
  }

  /**
   * Returns the logical id and the properties of each resource of a type.
   * @throws {UnsupportedResourceError} for a property or a value that is not served.
   */
  all<Shape extends z.ZodType>({ type, shape, ignored }: ResourceSchema<Shape>): [string, z.output<Shape>][] {
    const found: [string, z.output<Shape>][] = [];
    for (const [id, { Type, Properties }] of this.resources) {
      if (Type !== type) continue;
      const relevant = Object.fromEntries(Object.entries(Properties).filter(([name]) => !ignored.includes(name)));
      const parsed = shape.safeParse(this.intrinsics.resolve(relevant, id));
      if (!parsed.success) {
        throw new UnsupportedResourceError(
          id,
          `this ${type} cannot be served on this machine:\n${z.prettifyError(parsed.error)}`,
        );
      }
      found.push([id, parsed.data]);
    }
    return found;
  }

  /**
   * Returns the only resource of a type.
   * @throws {UnsupportedResourceError} when there is none, or more than one.
   */
  only<Shape extends z.ZodType>(resource: ResourceSchema<Shape>): [string, z.output<Shape>] {
    return only(this.all(resource), this.stackName, resource.type);
  }

  /** Returns the value of `Ref` for a resource. */
  ref(id: string): string {
    return String(this.intrinsics.ref(id, id));
  }

  /** Returns the value of `Fn::GetAtt` for a resource. */
  attribute(id: string, attribute: string): string {
    return this.intrinsics.attribute(id, attribute, id);
  }
}

/**
 * Returns the only item of a list.
 * @param owner the logical id of what has the items
 * @throws {UnsupportedResourceError} when there is none, or more than one.
 */
export function only<T>(items: T[], owner: string, what: string): T {
  const [item] = items;
  if (item === undefined || items.length > 1) {
    throw new UnsupportedResourceError(owner, `has ${items.length} of ${what}; this runtime serves exactly one.`);
  }
  return item;
}
