/**
 * `npm run generate`: openapi.yaml -> contract.gen.ts. With `--check` it writes nothing and fails
 * when the committed file is out of step with the document.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Ajv } from 'ajv';
import ucs2length from 'ajv/dist/runtime/ucs2length.js';
import standaloneCode from 'ajv/dist/standalone/index.js';
import openapiTS, { astToString } from 'openapi-typescript';
import { ContractError, readContract } from './contract-document.ts';

const target = new URL('contract.gen.ts', import.meta.url);

const { values: options } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const generated = await generate().catch((error: unknown) => {
  if (!(error instanceof ContractError)) throw error;
  console.error(error.message);
  process.exit(1);
});
if (!options.check) {
  await writeFile(target, generated);
  console.log(`wrote ${fileURLToPath(target)}`);
} else if (generated !== (await readFile(target, 'utf8').catch(() => ''))) {
  console.error('shared/contract.gen.ts is out of step with openapi.yaml: run `npm run generate` and commit the file.');
  process.exitCode = 1;
} else {
  console.log('shared/contract.gen.ts is in step with openapi.yaml');
}

async function generate(): Promise<string> {
  const { document, operations } = await readContract();
  const types = astToString(await openapiTS(JSON.stringify(document)));
  const list = operations.map(({ operationId, method, path, direct }) => ({ operationId, method, path, direct }));
  const requestSchemas = operations.flatMap((operation) => operation.requestSchema ?? []);
  return `// @ts-nocheck: the validators below are plain JavaScript; their types are declared where they are exported.
// Generated from openapi.yaml by \`npm run generate\`. Do not edit.
import type { ValidateFunction } from 'ajv';

${types}
export const operationList = ${JSON.stringify(list, null, 2)} as const;

${validators(document.components.schemas, [...new Set(requestSchemas)])}`;
}

/** The named schemas, each compiled to a function without imports and without \`eval\`. */
function validators(schemas: Record<string, object>, names: string[]): string {
  const ajv = new Ajv({ allErrors: true, code: { source: true, esm: true, lines: true } });
  for (const [name, schema] of Object.entries(schemas)) {
    ajv.addSchema(schema, `#/components/schemas/${name}`);
  }
  const ids = Object.fromEntries(names.map((name) => [`compiled${name}`, `#/components/schemas/${name}`]));
  const code = standaloneCode
    .default(ajv, ids)
    .replace('"use strict";', '')
    .replaceAll('require("ajv/dist/runtime/ucs2length").default', ucs2length.default.toString())
    .replaceAll(/^export const compiled/gm, 'const compiled');
  if (code.includes('require(')) {
    throw new Error(`The compiled validators need a module of ajv at run time; generate.ts is to inline it:\n${code}`);
  }
  const exports = names.map(
    (name) => `export const validate${name}: ValidateFunction<components['schemas']['${name}']> = compiled${name};`,
  );
  return `${code.trim()}\n\n${exports.join('\n')}\n`;
}
