/** Generates shared/contract.gen.ts, and the files of the client, from openapi.yaml. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import ucs2length from 'ajv/dist/runtime/ucs2length.js';
import standaloneCode from 'ajv/dist/standalone/index.js';
import openapiTS, { astToString } from 'openapi-typescript';
import { projectRoot } from '../project-root.ts';
import { type Operation, readContract } from './contract-document.ts';
import type { ContractErrorFactory } from './contract-error.ts';
import { generateClient } from './generated-client.ts';
import { generateParameters, parametersSchema } from './generated-parameters.ts';
import { jsonSchemaOf, useOpenApiWords } from './json-schema.ts';
import { useOwnMessages, withOwnTypeMessages } from './validation-messages.ts';

export const target = join(projectRoot, 'shared/contract.gen.ts');

/**
 * Writes contract.gen.ts and the generated files of the client.
 * @throws {ContractError} if the document is not valid; the files then stay unchanged
 */
export async function writeContract(): Promise<void> {
  for (const [path, text] of Object.entries(await generatedFiles())) await writeFile(path, text);
}

/** Returns whether the generated files match openapi.yaml. */
export async function isInStep(): Promise<boolean> {
  for (const [path, text] of Object.entries(await generatedFiles())) {
    if (text !== (await readFile(path, 'utf8').catch(() => ''))) return false;
  }
  return true;
}

/**
 * Returns the text of each generated file, by path.
 * @param file another document than openapi.yaml, for tests
 * @throws {ContractError} if the document is not valid
 */
export async function generatedFiles(file?: string): Promise<Record<string, string>> {
  const { document, operations, fault } = await readContract(file);
  const types = await openapiTS(JSON.stringify(withAnswers(document, operations)), { silent: true }).catch(
    (cause: Error) => {
      const [, pointer = ''] = /#\/(\S+)/.exec(cause.message) ?? [];
      const path = pointer.split('/').map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
      throw fault(path, cause.message, cause);
    },
  );
  const list = operations.map(({ operationId, method, path, routePath, direct, records, parameters }) => {
    const headers = parameters.flatMap((parameter) => (parameter.in === 'header' ? parameter.name.toLowerCase() : []));
    return { operationId, method, path, routePath, direct, records, headers };
  });
  const hasParameters = operations.some(({ parameters }) => parameters.length > 0);
  const text = `// @ts-nocheck: the validators below are plain JavaScript; their types are declared where they are exported.
// Generated from openapi.yaml by \`npm run generate\`. Do not edit.
import type { ValidateFunction } from 'ajv';
${hasParameters ? "import type { OperationParameters } from './parameter-list.ts';\n" : ''}
${astToString(types)}
export const operationList = ${JSON.stringify(list, null, 2)} as const;

${validators(document.components.schemas, operations, fault)}${generateParameters(operations)}`;
  return { [target]: text, ...generateClient(document, operations) };
}

/** Returns the document with the answers of queues as named schemas, such as `FeelingAnswer`: types have no others. */
function withAnswers<Document extends { components: { schemas: object } }>(
  document: Document,
  operations: Operation[],
): Document {
  const answers = operations.flatMap(({ operationId, answerSchema }) =>
    answerSchema ? [[`${operationId[0]?.toUpperCase()}${operationId.slice(1)}Answer`, answerSchema]] : [],
  );
  const schemas = { ...document.components.schemas, ...Object.fromEntries(answers) };
  return { ...document, components: { ...document.components, schemas } };
}

/** What a validator is compiled for. */
interface Compiled {
  /** `compiled${name}` is its constant. */
  name: string;
  schema: object;
  /** Where the document has it. */
  place: string[];
  /** The TypeScript type of a valid value, if the validator is exported by itself. */
  type?: string;
}

/** Returns what is validated of the requests of operations: their bodies and their parameters. */
function compiledOf(schemas: Record<string, object>, operations: Operation[]): Compiled[] {
  const compiled = new Map<string, Compiled>();
  for (const { operationId, method, path, parameters, requestSchema: name, inlineSchema } of operations) {
    const place = ['paths', path, method.toLowerCase()];
    if (name && inlineSchema) {
      const type = `NonNullable<operations['${operationId}']['requestBody']>['content']['application/json']`;
      compiled.set(name, { name, schema: inlineSchema, place: [...place, 'requestBody'], type });
    } else if (name) {
      const type = `components['schemas']['${name}']`;
      compiled.set(name, { name, schema: schemas[name] ?? {}, place: ['components', 'schemas', name], type });
    }
    if (parameters.length > 0) {
      const id = `${operationId}Parameters`;
      compiled.set(id, { name: id, schema: parametersSchema(parameters), place: [...place, 'parameters'] });
    }
  }
  return [...compiled.values()];
}

/** Returns the code of the validators of requests, without imports and without `eval`. */
function validators(schemas: Record<string, object>, operations: Operation[], fault: ContractErrorFactory): string {
  const ajv = new Ajv({ allErrors: true, code: { source: true, esm: true, lines: true } });
  useOwnMessages(ajv);
  useOpenApiWords(ajv);
  const add = (place: string[], schema: object) => ajv.addSchema(Object(jsonSchemaOf(schema)), `#/${place.join('/')}`);
  for (const [name, schema] of Object.entries(schemas)) {
    const place = ['components', 'schemas', name];
    located(place, () => add(place, schema));
  }
  const list = compiledOf(schemas, operations).map((one, index) => ({
    ...one,
    id: one.place[0] === 'components' ? one.place : ['requests', String(index)],
  }));
  for (const { place, schema, id } of list) {
    located(place, () => {
      if (id !== place) add(id, schema);
      ajv.getSchema(`#/${id.join('/')}`);
    });
  }
  function located(place: string[], use: () => void): void {
    try {
      use();
    } catch (cause) {
      throw fault(place, String(cause), cause);
    }
  }
  const ids = Object.fromEntries(list.map(({ name, id }) => [`compiled${name}`, `#/${id.join('/')}`]));
  const code = withOwnTypeMessages(standaloneCode.default(ajv, ids))
    .replace('"use strict";', '')
    .replaceAll('require("ajv/dist/runtime/ucs2length").default', ucs2length.default.toString())
    .replaceAll(/^export const compiled/gm, 'const compiled');
  if (code.includes('require(')) {
    throw new Error(
      `The compiled validators import a module of ajv. Inline it in infra/contract/generated-contract.ts:\n${code}`,
    );
  }
  const exports = list.flatMap(({ name, type }) =>
    type ? `export const validate${name}: ValidateFunction<${type}> = compiled${name};` : [],
  );
  return `${code.trim()}\n\n${exports.join('\n')}\n`;
}
