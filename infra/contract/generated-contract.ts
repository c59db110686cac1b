/** Generates shared/contract.gen.ts, and the files of the client, from openapi.yaml. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import ucs2length from 'ajv/dist/runtime/ucs2length.js';
import standaloneCode from 'ajv/dist/standalone/index.js';
import openapiTS, { astToString } from 'openapi-typescript';
import { projectRoot } from '../project-root.ts';
import { type ContractErrorFactory, type Operation, readContract } from './contract-document.ts';
import { generateClient } from './generated-client.ts';
import { useOwnMessages, withOwnTypeMessages } from './validation-messages.ts';

export const target = join(projectRoot, 'shared/contract.gen.ts');

/**
 * Writes contract.gen.ts and the generated files of the client.
 * @throws {ContractError} if the document is not valid; the files then stay unchanged
 */
export async function writeContract(): Promise<void> {
  for (const [path, text] of Object.entries(await generate())) await writeFile(path, text);
}

/** Returns whether the generated files match openapi.yaml. */
export async function isInStep(): Promise<boolean> {
  for (const [path, text] of Object.entries(await generate())) {
    if (text !== (await readFile(path, 'utf8').catch(() => ''))) return false;
  }
  return true;
}

/** Returns the text of each generated file, by path. */
async function generate(): Promise<Record<string, string>> {
  const { document, operations, fault } = await readContract();
  const types = await openapiTS(JSON.stringify(withAnswers(document, operations)), { silent: true }).catch(
    (cause: Error) => {
      const [, pointer = ''] = /#\/(\S+)/.exec(cause.message) ?? [];
      const path = pointer.split('/').map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
      throw fault(path, cause.message, cause);
    },
  );
  const list = operations.map(({ operationId, method, path, direct, records }) => ({
    operationId,
    method,
    path,
    direct,
    records,
  }));
  const requestSchemas = operations.flatMap((operation) => operation.requestSchema ?? []);
  const text = `// @ts-nocheck: the validators below are plain JavaScript; their types are declared where they are exported.
// Generated from openapi.yaml by \`npm run generate\`. Do not edit.
import type { ValidateFunction } from 'ajv';

${astToString(types)}
export const operationList = ${JSON.stringify(list, null, 2)} as const;

${validators(document.components.schemas, [...new Set(requestSchemas)], fault)}`;
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

/** Returns the code of a validator for each named schema, without imports and without `eval`. */
function validators(schemas: Record<string, object>, names: string[], fault: ContractErrorFactory): string {
  const ajv = new Ajv({ allErrors: true, code: { source: true, esm: true, lines: true } });
  useOwnMessages(ajv);
  for (const [name, schema] of Object.entries(schemas)) {
    located(name, () => ajv.addSchema(schema, `#/components/schemas/${name}`));
  }
  for (const name of names) located(name, () => ajv.getSchema(`#/components/schemas/${name}`));
  function located(name: string, use: () => void): void {
    try {
      use();
    } catch (cause) {
      throw fault(['components', 'schemas', name], String(cause), cause);
    }
  }
  const ids = Object.fromEntries(names.map((name) => [`compiled${name}`, `#/components/schemas/${name}`]));
  const code = withOwnTypeMessages(standaloneCode.default(ajv, ids))
    .replace('"use strict";', '')
    .replaceAll('require("ajv/dist/runtime/ucs2length").default', ucs2length.default.toString())
    .replaceAll(/^export const compiled/gm, 'const compiled');
  if (code.includes('require(')) {
    throw new Error(
      `The compiled validators import a module of ajv. Inline it in infra/contract/generated-contract.ts:\n${code}`,
    );
  }
  const exports = names.map(
    (name) => `export const validate${name}: ValidateFunction<components['schemas']['${name}']> = compiled${name};`,
  );
  return `${code.trim()}\n\n${exports.join('\n')}\n`;
}
