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
import { ContractError, type ContractFault, readContract } from './contract-document.ts';

const target = new URL('contract.gen.ts', import.meta.url);

const help = `npm run generate [-- --check]

Writes shared/contract.gen.ts, which has the types, the validators and the list of operations, from openapi.yaml.

  --check     writes nothing, and fails when the file is out of step with openapi.yaml
  -h, --help  prints this`;

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    console.error(explain(error));
    process.exitCode = 1;
  }
}

async function main(): Promise<void> {
  const { values: options } = parseArgs({
    options: { check: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
  });
  if (options.help) return console.log(help);
  if (!options.check) {
    await writeContract();
    console.log(`wrote ${fileURLToPath(target)}`);
  } else if ((await generate()) !== (await readFile(target, 'utf8').catch(() => ''))) {
    console.error(
      'shared/contract.gen.ts is out of step with openapi.yaml: run `npm run generate` and commit the file.',
    );
    process.exitCode = 1;
  } else {
    console.log('shared/contract.gen.ts is in step with openapi.yaml');
  }
}

/** What went wrong, in words that say what to do. What nobody foresaw keeps its stack. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_')) return `${error.message}\n\n${help}`;
  return error instanceof ContractError ? error.message : (error.stack ?? error.message);
}

/**
 * Writes contract.gen.ts from openapi.yaml.
 * @throws {ContractError} when the document cannot be used; the file then stays as it was.
 */
export async function writeContract(): Promise<void> {
  await writeFile(target, await generate());
}

async function generate(): Promise<string> {
  const { document, operations, fault } = await readContract();
  const types = await openapiTS(JSON.stringify(document), { silent: true }).catch((cause: Error) => {
    const [, pointer = ''] = /#\/(\S+)/.exec(cause.message) ?? [];
    const path = pointer.split('/').map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    throw fault(path, cause.message, cause);
  });
  const list = operations.map(({ operationId, method, path, direct }) => ({ operationId, method, path, direct }));
  const requestSchemas = operations.flatMap((operation) => operation.requestSchema ?? []);
  return `// @ts-nocheck: the validators below are plain JavaScript; their types are declared where they are exported.
// Generated from openapi.yaml by \`npm run generate\`. Do not edit.
import type { ValidateFunction } from 'ajv';

${astToString(types)}
export const operationList = ${JSON.stringify(list, null, 2)} as const;

${validators(document.components.schemas, [...new Set(requestSchemas)], fault)}`;
}

/** The named schemas, each compiled to a function without imports and without \`eval\`. */
function validators(schemas: Record<string, object>, names: string[], fault: ContractFault): string {
  const ajv = new Ajv({ allErrors: true, code: { source: true, esm: true, lines: true } });
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
