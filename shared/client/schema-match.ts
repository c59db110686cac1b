/** What {@link matchesSchema} reads of a schema. */
export interface ResponseSchema {
  $ref?: string;
  type?: string;
  nullable?: boolean;
  enum?: unknown[];
  required?: string[];
  properties?: Record<string, ResponseSchema>;
  additionalProperties?: ResponseSchema;
  items?: ResponseSchema;
  allOf?: ResponseSchema[];
  anyOf?: ResponseSchema[];
}

/**
 * Returns whether a value has the TypeScript type that is generated from a schema: its types, enums and required
 * members, at any depth. Takes more members than the schema has, and lengths, ranges and patterns that it excludes, so
 * that a later API does not break this client.
 * @param schemas what `$ref` names
 */
export function matchesSchema(
  value: unknown,
  schema: ResponseSchema,
  schemas: Record<string, ResponseSchema>,
): boolean {
  const matches = (part: unknown, its: ResponseSchema) => matchesSchema(part, its, schemas);
  if (schema.$ref !== undefined) return matches(value, schemas[schema.$ref] ?? {});
  if (value === null && schema.nullable) return true;
  if (schema.type && !hasType(value, schema.type)) return false;
  if (schema.enum && !schema.enum.includes(value)) return false;
  if (schema.allOf && !schema.allOf.every((its) => matches(value, its))) return false;
  if (schema.anyOf && !schema.anyOf.some((its) => matches(value, its))) return false;
  if (Array.isArray(value)) return !schema.items || value.every((item) => matches(item, schema.items ?? {}));
  if (typeof value !== 'object' || value === null) return true;
  if (schema.required?.some((name) => !Object.hasOwn(value, name))) return false;
  return Object.entries(value).every(([name, member]) =>
    matches(member, ownMember(schema.properties, name) ?? schema.additionalProperties ?? {}),
  );
}

/** A member may have a name such as `constructor`, which every object inherits. */
function ownMember(properties: Record<string, ResponseSchema> | undefined, name: string): ResponseSchema | undefined {
  return properties && Object.hasOwn(properties, name) ? properties[name] : undefined;
}

function hasType(value: unknown, type: string): boolean {
  switch (type) {
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}
