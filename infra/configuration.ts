import type { Node } from 'constructs';
import { z } from 'zod';

/** An origin as a browser sends it: scheme, host and, where it is not the default, port. No path. */
const origin = z
  .string()
  .refine(
    (text) => text === '*' || URL.parse(text)?.origin === text,
    'must be * or an origin such as https://app.example',
  );

const shape = z.strictObject({
  stage: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,15}$/, 'must be 1 to 16 of a-z, 0-9 and -, and begin with a letter')
    .default('dev')
    .describe('name of this copy of the API; it stands in the names of stack and functions'),
  allowedOrigins: z
    .string()
    .transform((list) => list.split(',').map((item) => item.trim()))
    .pipe(z.array(origin))
    .default(['*'])
    .describe('origins whose pages may call the API, comma-separated, or *'),
  throttleRate: z.coerce
    .number()
    .int()
    .min(1)
    .default(5000)
    .describe('requests a second that the API lets through in the long run'),
  throttleBurst: z.coerce.number().int().min(1).default(2500).describe('requests that it lets through at once'),
  logLevel: z
    .enum(['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'])
    .default('INFO')
    .describe("lowest level that the functions log; DEBUG logs people's messages"),
});

/** What can be set with `-c key=value` at every command that synthesises the stack. */
export type Configuration = z.infer<typeof shape>;

/** A value that was given with `-c` and cannot be used. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/**
 * Reads the configuration from the CDK context.
 * @throws {ConfigurationError} naming every key that is unknown or has a value that cannot be used.
 */
export function configurationOf(node: Node): Configuration {
  const all: Record<string, unknown> = node.getAllContext();
  // The CDK's own keys have a namespace (@aws-cdk/…, aws:cdk:…), but for its switch in cdk.json.
  const given = Object.fromEntries(Object.entries(all).filter(([key]) => !/[:/]/.test(key) && key !== 'cli-telemetry'));
  const parsed = shape.safeParse(given);
  if (parsed.success) return parsed.data;

  const faults = parsed.error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? `-c ${issue.keys.join(', ')}: no such key`
      : `-c ${issue.path[0]?.toString()}=${given[issue.path[0]?.toString() ?? '']}: ${issue.message}`,
  );
  throw new ConfigurationError(`${faults.join('\n')}\nThe keys are:\n${configurationHelp()}`);
}

/** The keys, their defaults and what they mean, a line each. */
export function configurationHelp(): string {
  return Object.entries(shape.shape)
    .map(([key, { description, def }]) => `  ${key}=${def.defaultValue}  ${description}`)
    .join('\n');
}
