import { z } from 'zod';

const parameter = z.object({ Type: z.string(), Default: z.union([z.string(), z.number()]).optional() });

/** A parameter of a template. */
export type Parameter = z.output<typeof parameter>;

/** A resource of a template. */
export type Resource = z.output<typeof resource>;
const resource = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  Condition: z.string().optional(),
});

/** A CloudFormation template. The other attributes of a resource concern its deployment, not a request. */
export const templateShape = z.object({
  Resources: z.record(z.string(), resource),
  Parameters: z.record(z.string(), parameter).default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Mappings: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))).default({}),
});

export type TemplateDocument = z.output<typeof templateShape>;
