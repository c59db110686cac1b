import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { projectRoot } from '../project-root.ts';

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;

const jsonContent = z.object({
  schema: z.object({ $ref: z.string().startsWith('#/components/schemas/') }),
  examples: z.record(z.string(), z.object({ value: z.unknown() })).default({}),
});
const operationShape = z.looseObject({
  operationId: z.string(),
  'x-direct-invocation': z.looseObject({}).optional(),
  'x-queue-messages': z.looseObject({ answer: z.looseObject({}) }).optional(),
  requestBody: z.object({ content: z.object({ 'application/json': jsonContent }) }).optional(),
});
const documentShape = z.looseObject({
  paths: z.record(z.string(), z.looseObject({})),
  components: z.looseObject({ schemas: z.record(z.string(), z.looseObject({})) }),
});

export interface Operation {
  operationId: string;
  /** Upper case, as in a route key. */
  method: string;
  path: string;
  /** Whether it also has a function for direct invocation. */
  direct: boolean;
  /** Whether it also has a function for batches of records from a queue. */
  records: boolean;
  /** The schema of an answer to such a record, if it has that function. */
  answerSchema?: object;
  /** The name of the schema of the JSON request body, if there is one. */
  requestSchema?: string;
  /** The first example of a JSON request body. */
  example?: unknown;
}

/** An openapi.yaml that this project cannot read. The message names file, line and column. */
export class ContractError extends Error {
  override readonly name = 'ContractError';
}

/** Returns the error for a path in the document. */
export type ContractErrorFactory = (path: (string | number)[], reason: string, cause: unknown) => ContractError;

/**
 * Reads openapi.yaml. Returns the document, its operations, and a factory for errors that name a line of it.
 * @throws {ContractError} if an operation has no `operationId`, or a request body is not JSON with a reference to a
 *   named schema
 */
export async function readContract() {
  const lines = new LineCounter();
  const yaml = parseDocument(await readFile(join(projectRoot, 'openapi.yaml'), 'utf8'), {
    lineCounter: lines,
    prettyErrors: false,
  });
  const fault: ContractErrorFactory = (path, reason, cause) => errorAt(lines, offsetOf(yaml, path), reason, cause);
  const [broken] = yaml.errors;
  if (broken) throw errorAt(lines, broken.pos[0], broken.message, broken);

  const document = checked(documentShape, yaml.toJS(), [], fault);
  const operations: Operation[] = [];
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of methods) {
      if (item[method] === undefined) continue;
      const place = ['paths', path, method];
      const { operationId, requestBody, ...operation } = checked(operationShape, item[method], place, fault);
      const json = requestBody?.content['application/json'];
      const queueMessages = operation['x-queue-messages'];
      operations.push({
        operationId,
        method: method.toUpperCase(),
        path,
        direct: operation['x-direct-invocation'] !== undefined,
        records: queueMessages !== undefined,
        ...(queueMessages && { answerSchema: queueMessages.answer }),
        ...(json && {
          requestSchema: json.schema.$ref.replace('#/components/schemas/', ''),
          example: Object.values(json.examples)[0]?.value,
        }),
      });
    }
  }
  return { document, operations, fault };
}

function checked<Shape extends z.ZodType>(
  shape: Shape,
  value: unknown,
  place: string[],
  fault: ContractErrorFactory,
): z.output<Shape> {
  const { data, error } = shape.safeParse(value);
  if (!error) return data;
  const [issue] = error.issues;
  const path = [...place, ...(issue?.path ?? []).map((key) => (typeof key === 'number' ? key : String(key)))];
  throw fault(path, `${path.join('/')}: ${issue?.message}`, error);
}

/** Returns the offset of the value at a path, or of its nearest ancestor that exists. */
function offsetOf(yaml: Document, path: (string | number)[]): number {
  const node = yaml.getIn(path, true);
  if (isNode(node) && node.range) return node.range[0];
  return path.length > 0 ? offsetOf(yaml, path.slice(0, -1)) : 0;
}

function errorAt(lines: LineCounter, offset: number, reason: string, cause: unknown): ContractError {
  const { line, col } = lines.linePos(offset);
  return new ContractError(`openapi.yaml:${line}:${col}: ${reason}`, { cause });
}
