/** Generates what the typed client and its mock know of openapi.yaml: the shapes of the responses, and the examples. */

import { join } from 'node:path';
import { z } from 'zod';
import { projectRoot } from '../project-root.ts';
import type { Operation } from './contract-document.ts';

const reference = z.object({ $ref: z.string() });
const schemaShape = z.looseObject({});
const headerShape = z.looseObject({ schema: z.looseObject({ enum: z.array(z.string()).optional() }) });
const responseShape = z.looseObject({
  headers: z.record(z.string(), z.union([reference, headerShape])).default({}),
  content: z
    .record(
      z.string(),
      z.looseObject({
        schema: schemaShape.default({}),
        examples: z.record(z.string(), z.looseObject({ value: z.unknown() })).default({}),
      }),
    )
    .default({}),
});
const operationShape = z.looseObject({
  requestBody: z
    .looseObject({
      content: z.record(
        z.string(),
        z.looseObject({ examples: z.record(z.string(), z.looseObject({ value: z.unknown() })).default({}) }),
      ),
    })
    .optional(),
  responses: z.record(z.string(), z.union([reference, responseShape])),
});
const documentShape = z.looseObject({
  paths: z.record(z.string(), z.looseObject({})),
  components: z.looseObject({
    schemas: z.record(z.string(), schemaShape).default({}),
    responses: z.record(z.string(), responseShape).default({}),
    headers: z.record(z.string(), headerShape).default({}),
  }),
});
type Document = z.infer<typeof documentShape>;

const head = '// Generated from openapi.yaml by `npm run generate`. Do not edit.\n';

/** Returns the text of each generated file of the client, by path. */
export function generateClient(contract: unknown, operations: Operation[]): Record<string, string> {
  const document = documentShape.parse(contract);
  const described = operations.map((operation) => {
    const item = operationShape.parse(document.paths[operation.path]?.[operation.method.toLowerCase()]);
    const responses = Object.entries(item.responses).map(([status, response]) => ({
      status,
      ...resolved(response, document.components.responses),
    }));
    return { operation, requestBody: item.requestBody, responses };
  });
  return {
    [join(projectRoot, 'shared/client/responses.gen.ts')]: responsesFile(document, described),
    [join(projectRoot, 'shared/client/examples.gen.ts')]: examplesFile(document, described),
  };
}

type Described = {
  operation: Operation;
  requestBody: z.infer<typeof operationShape>['requestBody'];
  responses: (z.infer<typeof responseShape> & { status: string })[];
};

function responsesFile(document: Document, described: Described[]): string {
  const names = new Set<string>();
  const responsesOf = described.map(({ operation: { method, path }, responses }) => {
    const [succeeded, failed] = [true, false].map((isOk) =>
      responses.filter(({ status }) => status.startsWith('2') === isOk),
    );
    const shapes = {
      data: anyOf(succeeded ?? [], names),
      error: anyOf(failed ?? [], names),
      ...(succeeded?.some(({ content }) => Object.keys(content).length === 0) && { isEmptyAllowed: true }),
    };
    return [`${method} ${path}`, shapes];
  });
  const schemas: Record<string, object> = {};
  // A schema adds the names that it refers to, and the loop comes to them too.
  for (const name of names) schemas[name] = compact(document.components.schemas[name] ?? {}, names);
  return `${head}import type { QueryStyles } from './query-serializer.ts';
import type { ResponseSchema } from './schema-match.ts';

/** The schemas of the responses, without what \`matchesSchema\` does not read. */
export const schemas: Record<string, ResponseSchema> = ${JSON.stringify(schemas, null, 2)};

/** What each operation responds with, by method and path. */
export const responsesOf: Record<string, { data?: ResponseSchema; error?: ResponseSchema; isEmptyAllowed?: boolean }> = ${JSON.stringify(Object.fromEntries(responsesOf), null, 2)};

/** The styles of query parameters that are not repeated for each item, by method and path, and by name. */
export const queryStyles: QueryStyles = ${JSON.stringify(queryStyles(described), null, 2)};
`;
}

function queryStyles(described: Described[]): object {
  const styles = described.map(({ operation: { method, path, parameters } }) => {
    const styled = parameters.flatMap(({ name, style }) => (style ? [[name, style]] : []));
    return [`${method} ${path}`, Object.fromEntries(styled)] as const;
  });
  return Object.fromEntries(styles.filter(([, own]) => Object.keys(own).length > 0));
}

/** Returns the schema that each of the JSON bodies of these responses matches. */
function anyOf(responses: z.infer<typeof responseShape>[], names: Set<string>): object | undefined {
  const schemas = responses
    .flatMap(({ content }) => Object.entries(content))
    .filter(([mediaType]) => /[/+]json\b/.test(mediaType))
    .map(([, { schema }]) => JSON.stringify(compact(schema, names)));
  const [first, ...others] = [...new Set(schemas)].map((text) => JSON.parse(text));
  return others.length === 0 ? first : { anyOf: [first, ...others] };
}

/**
 * Returns what `matchesSchema` reads of a schema.
 * @param names takes the name of every schema that it refers to
 */
function compact(schema: Record<string, unknown>, names: Set<string>): Record<string, unknown> {
  const part = (value: unknown) => compact(schemaShape.parse(value), names);
  const parts = (value: unknown) => z.array(z.unknown()).parse(value).map(part);
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === '$ref') {
      const name = String(value).replace('#/components/schemas/', '');
      names.add(name);
      kept['$ref'] = name;
    } else if (['type', 'nullable', 'enum', 'required'].includes(key)) kept[key] = value;
    else if (key === 'properties') {
      kept[key] = Object.fromEntries(
        Object.entries(schemaShape.parse(value)).map(([name, member]) => [name, part(member)]),
      );
    } else if (key === 'items' || (key === 'additionalProperties' && typeof value === 'object'))
      kept[key] = part(value);
    else if (key === 'allOf') kept[key] = parts(value);
    else if (key === 'anyOf' || key === 'oneOf') kept['anyOf'] = parts(value);
  }
  return kept;
}

function examplesFile(document: Document, described: Described[]): string {
  const imported = new Set<string>();
  const hasParameters = described.some(({ operation }) => operation.parameters.length > 0);
  const names: string[] = [];
  const operations = described.map(({ operation, requestBody, responses }) => {
    const { operationId, method, path, requestSchema, parameters } = operation;
    const examples = responses.flatMap(({ status, headers, content }) =>
      Object.entries(content).flatMap(([mediaType, { examples }]) =>
        Object.entries(examples).map(([name, { value }]) => ({
          name,
          status: Number(status),
          headers: { 'content-type': mediaType, ...exampleHeaders(document, headers) },
          body: value,
        })),
      ),
    );
    const ids = [...new Set(examples.map(({ name }) => JSON.stringify(name)))];
    names.push(`  ${JSON.stringify(operationId)}: ${ids.join(' | ') || 'never'};`);
    const requests = Object.entries(requestBody?.content['application/json']?.examples ?? {});
    const data = { operationId, method, path, requests: requests.map(([name, { value }]) => ({ name, value })) };
    const fields = Object.entries({ ...data, responses: examples }).map(
      ([key, value]) => `${key}: ${JSON.stringify(value, null, 2)}`,
    );
    if (requestSchema) {
      imported.add(`validate${requestSchema}`);
      fields.push(`validate: validate${requestSchema}`);
    }
    if (parameters.length > 0) {
      imported.add(`${operationId}Parameters`);
      fields.push(
        `parameterErrors: (request) => parameterErrors(${operationId}Parameters, ${JSON.stringify(path)}, request)`,
      );
    }
    return `{ ${fields.join(',\n')} }`;
  });
  return `${head}${imported.size > 0 ? `import { ${[...imported].join(', ')} } from '../contract.gen.ts';\n` : ''}${hasParameters ? "import { parameterErrors } from './parameter-errors.ts';\n" : ''}import type { MockOperation } from './mock-operation.ts';

/** The names of the examples of the responses, by operationId. */
export interface ExampleNames {
${names.join('\n')}
}

export const mockOperations: MockOperation[] = [${operations.join(',\n')}];
`;
}

/** Returns the headers that the contract requires, with the one value that it allows or else one that says mock. */
function exampleHeaders(document: Document, headers: z.infer<typeof responseShape>['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, header]) => {
      const { schema } = resolved(header, document.components.headers);
      return [name, schema.enum?.[0] ?? 'mock'];
    }),
  );
}

function resolved<T extends object>(value: T | z.infer<typeof reference>, components: Record<string, T>): T {
  if (!('$ref' in value) || typeof value.$ref !== 'string') return value as T;
  const found = components[value.$ref.replace(/^.*\//, '')];
  if (!found) throw new Error(`openapi.yaml has no ${value.$ref}`);
  return found;
}
