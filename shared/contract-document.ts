import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;

const jsonContent = z.object({
  schema: z.object({ $ref: z.string().startsWith('#/components/schemas/') }),
  examples: z.record(z.string(), z.object({ value: z.unknown() })).default({}),
});
const operationShape = z.looseObject({
  operationId: z.string(),
  'x-direct-invocation': z.looseObject({}).optional(),
  requestBody: z.object({ content: z.object({ 'application/json': jsonContent }) }).optional(),
});
const documentShape = z.looseObject({
  paths: z.record(z.string(), z.looseObject({})),
  components: z.looseObject({ schemas: z.record(z.string(), z.looseObject({})) }),
});

export interface Operation {
  operationId: string;
  /** In capitals, as in a route key. */
  method: string;
  path: string;
  /** Whether a function answers direct invocations of it too. */
  direct: boolean;
  /** The name of the schema of the JSON request body, where the operation takes one. */
  requestSchema?: string;
  /** The first example of a JSON request body. */
  example?: unknown;
}

/** An openapi.yaml that cannot be used. */
export class ContractError extends Error {
  override readonly name = 'ContractError';
}

/**
 * The contract as it stands in openapi.yaml, and the operations in it.
 * @throws {ContractError} when the document is not OpenAPI of the kind that this repository writes:
 *   every operation has an `operationId`, every request body is JSON by a reference to a named schema.
 */
export async function readContract() {
  const text = await readFile(new URL('../openapi.yaml', import.meta.url), 'utf8');
  const document = checked(documentShape, () => parse(text), '');
  const operations: Operation[] = [];
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of methods) {
      if (item[method] === undefined) continue;
      const where = `${method} ${path}: `;
      const { operationId, requestBody, ...operation } = checked(operationShape, () => item[method], where);
      const json = requestBody?.content['application/json'];
      operations.push({
        operationId,
        method: method.toUpperCase(),
        path,
        direct: operation['x-direct-invocation'] !== undefined,
        ...(json && {
          requestSchema: json.schema.$ref.replace('#/components/schemas/', ''),
          example: Object.values(json.examples)[0]?.value,
        }),
      });
    }
  }
  return { document, operations };
}

function checked<Shape extends z.ZodType>(shape: Shape, value: () => unknown, where: string): z.output<Shape> {
  try {
    return shape.parse(value());
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw new ContractError(`openapi.yaml cannot be used: ${where}${reason}`, { cause });
  }
}
