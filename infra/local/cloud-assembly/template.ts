import { z } from 'zod';
import { Intrinsics, type Resource } from './intrinsics.ts';
import { ignoredTypes, type ResourceSchema, servedTypes } from './resource-schemas.ts';
import { UnsupportedResourceError } from './unsupported-resource.ts';

/** A CloudFormation template. The other attributes of a resource concern its deployment, not a request. */
export const templateShape = z.object({
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      Properties: z.record(z.string(), z.unknown()).default({}),
      Condition: z.string().optional(),
    }),
  ),
});

/**
 * A template whose resource types are all known: each is served, or ignored because it does not affect a request.
 */
export class Template {
  readonly stackName: string;
  private readonly resources: ReadonlyMap<string, Resource>;
  private readonly intrinsics: Intrinsics;

  /** @throws {UnsupportedResourceError} for the first resource of another type, or with a condition. */
  constructor(stackName: string, { Resources }: z.output<typeof templateShape>) {
    for (const [id, { Type, Condition }] of Object.entries(Resources)) {
      if (!servedTypes.has(Type) && !ignoredTypes.has(Type)) {
        throw new UnsupportedResourceError(
          id,
          `${Type} is not served on this machine. Leave it out of the stack that you start.`,
        );
      }
      if (Condition)
        throw new UnsupportedResourceError(id, 'has a Condition, which has no value on this machine. Leave it out.');
    }
    this.stackName = stackName;
    this.resources = new Map(Object.entries(Resources));
    this.intrinsics = new Intrinsics(this.resources);
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
    return this.intrinsics.ref(id, id);
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
