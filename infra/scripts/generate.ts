/** `npm run generate`: openapi.yaml -> shared/contract.gen.ts. */
import { ContractError } from '../contract/contract-error.ts';
import { runProgram } from './program.ts';

const help = `npm run generate [-- --check]

Writes shared/contract.gen.ts, which has the types, the validators and the list of operations, from openapi.yaml.

  --check     writes nothing, and fails when the file is out of step with openapi.yaml
  -h, --help  prints this`;

await runProgram({
  command: 'npm run generate',
  help,
  options: { check: { type: 'boolean', default: false } },
  async main({ check }) {
    // Loaded here, so that --help is fast.
    const { isInStep, target, writeContract } = await import('../contract/generated-contract.ts');
    if (!check) {
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
  },
  explain: (error) => (error instanceof ContractError ? error.message : undefined),
});
