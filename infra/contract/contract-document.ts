import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Document, isCollection, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { projectRoot } from '../project-root.ts';
import { ContractError, type ContractErrorFactory } from './contract-error.ts';
import { type OperationParameter, parametersOf, routePathOf } from './operation-parameters.ts';

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'] as const;

const jsonContent = z.object({
  schema: z.looseObject({ $ref: z.string().startsWith('#/components/schemas/').optional() }),
  examples: z.record(z.string(), z.object({ value: z.unknown() })).default({}),
});
const operationShape = z.looseObject({
  operationId: z
    .string({ error: 'write a name: it is that of the folder below functions/' })
    .regex(/^[a-z]\w*$/i, 'write a letter, then letters, digits and _: the generated code uses it as a name'),
  'x-direct-invocation': z.looseObject({}).optional(),
  'x-queue-messages': z.looseObject({ answer: z.looseObject({}) }).optional(),
  requestBody: z
    .object({
      required: z.literal(true, { error: 'write true: the function responds with 400 to a request without a body' }),
      content: z.strictObject(
        { 'application/json': jsonContent },
        { error: 'write application/json, and no other media type: the function parses JSON only' },
      ),
    })
    .optional(),
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
  /** The path in the route key, with `{name+}` for a greedy parameter. */
  routePath: string;
  parameters: OperationParameter[];
  /** Whether it also has a function for direct invocation. */
  direct: boolean;
  /** Whether it also has a function for batches of records from a queue. */
  records: boolean;
  /** The schema of an answer to such a record, if it has that function. */
  answerSchema?: object;
  /** The name of the schema of the JSON request body, if there is one. An inline one is named after the operation. */
  requestSchema?: string;
  /** The schema itself, if it is inline. */
  inlineSchema?: Record<string, unknown>;
  /** The first example of a JSON request body. */
  example?: unknown;
}

/**
 * Reads openapi.yaml. Returns the document, its operations, and a factory for errors that name a line of it.
 * @param file another document, for tests
 * @throws {ContractError} if the generators cannot take a part of it. The message says where it is and what to do
 */
export async function readContract(file = join(projectRoot, 'openapi.yaml')) {
  const lines = new LineCounter();
  const yaml = parseDocument(await readFile(file, 'utf8'), {
    lineCounter: lines,
    prettyErrors: false,
  });
  const fault: ContractErrorFactory = (path, reason, cause) => errorAt(lines, offsetOf(yaml, path), reason, cause);
  const [broken] = yaml.errors;
  if (broken) throw errorAt(lines, broken.pos[0], broken.message, broken);

  const document = checked(documentShape, yaml.toJS(), [], fault);
  const operations: Operation[] = [];
  for (const [path, item] of Object.entries(document.paths)) {
    for (const key of ['$ref', 'trace', 'x-amazon-apigateway-any-method']) {
      if (item[key] === undefined) continue;
      const remedy = key === '$ref' ? 'write the operations here' : `use ${methods.join(', ')}`;
      throw fault(['paths', path, key], `${path}: ${key} is not supported; ${remedy}`, undefined);
    }
    for (const method of methods) {
      if (item[method] === undefined) continue;
      const place = ['paths', path, method];
      const { operationId, requestBody, ...operation } = checked(operationShape, item[method], place, fault);
      const json = requestBody?.content['application/json'];
      const queueMessages = operation['x-queue-messages'];
      const parameters = parametersOf(document, path, method, fault);
      const isInline = json && json.schema.$ref === undefined;
      operations.push({
        operationId,
        method: method.toUpperCase(),
        path,
        routePath: routePathOf(path, parameters),
        parameters,
        direct: operation['x-direct-invocation'] !== undefined,
        records: queueMessages !== undefined,
        ...(queueMessages && { answerSchema: queueMessages.answer }),
        ...(json && {
          requestSchema:
            json.schema.$ref?.replace('#/components/schemas/', '') ??
            `${operationId.charAt(0).toUpperCase()}${operationId.slice(1)}Body`,
          example: Object.values(json.examples)[0]?.value,
        }),
        ...(isInline && { inlineSchema: json.schema }),
      });
    }
  }
  checkDistinct(operations, document.components.schemas, fault);
  return { document, operations, fault };
}

/** Checks what would become one name, or one route, of two. */
function checkDistinct(operations: Operation[], schemas: object, fault: ContractErrorFactory): void {
  const seen = new Map<string, Operation>();
  for (const operation of operations) {
    const { operationId, method, path, requestSchema, inlineSchema } = operation;
    const place = ['paths', path, method.toLowerCase()];
    // API Gateway takes no two routes that differ only in the names of variables (PLATFORM_FACTS 1.7).
    const route = `${method} ${path.replaceAll(/\{[^}]*/g, '{')}`;
    const twin = seen.get(route);
    if (twin) throw fault(place, `${method} ${path} is the same route as ${twin.path}. Remove one of them.`, undefined);
    if (seen.has(operationId))
      throw fault([...place, 'operationId'], `${operationId} is there twice. Rename it.`, undefined);
    if (inlineSchema && requestSchema && requestSchema in schemas) {
      const remedy = 'Refer to that schema, or rename it.';
      throw fault(
        place,
        `The inline body schema of ${operationId} would be named ${requestSchema}. ${remedy}`,
        undefined,
      );
    }
    seen.set(route, operation).set(operationId, operation);
  }
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

/** Returns the offset of the value at a path, or of its nearest ancestor that exists. Of a block it is that of its key. */
function offsetOf(yaml: Document, path: (string | number)[]): number {
  const parent = yaml.getIn(path.slice(0, -1), true);
  const pair = isMap(parent) && parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1));
  if (pair && isCollection(pair.value) && isNode(pair.key) && pair.key.range) return pair.key.range[0];
  const node = yaml.getIn(path, true);
  if (isNode(node) && node.range) return node.range[0];
  return path.length > 0 ? offsetOf(yaml, path.slice(0, -1)) : 0;
}

function errorAt(lines: LineCounter, offset: number, reason: string, cause: unknown): ContractError {
  const { line, col } = lines.linePos(offset);
  return new ContractError(`openapi.yaml:${line}:${col}: ${reason}`, { cause });
}
