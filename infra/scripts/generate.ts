/**
 * `npm run generate`: openapi.yaml -> contract.gen.ts. With `--check` it writes nothing and fails
 * when the committed file is out of step with the document.
 */
import { parseArgs } from 'node:util';
import { ContractError } from '../contract/contract-document.ts';

const help = `npm run generate [-- --check]

Writes shared/contract.gen.ts, which has the types, the validators and the list of operations, from openapi.yaml.

  --check     writes nothing, and fails when the file is out of step with openapi.yaml
  -h, --help  prints this`;

try {
  await main();
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { values: options } = parseArgs({
    options: { check: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
  });
  if (options.help) return console.log(help);
  // Not loaded by those who only want to know how it is used: it takes its time.
  const { isInStep, target, writeContract } = await import('../contract/generated-contract.ts');
  if (!options.check) {
    await writeContract();
    console.log(`wrote ${target}`);
  } else if (await isInStep()) {
    console.log('shared/contract.gen.ts is in step with openapi.yaml');
  } else {
    console.error(
      'shared/contract.gen.ts is out of step with openapi.yaml: run `npm run generate` and commit the file.',
    );
    process.exitCode = 1;
  }
}

/** What went wrong, in words that say what to do. What nobody foresaw keeps its stack. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_')) return `${error.message}\n\n${help}`;
  return error instanceof ContractError ? error.message : (error.stack ?? error.message);
}
