/** `npm run compat`: whether openapi.yaml breaks clients of the last release. */
import { ContractError } from '../contract/contract-error.ts';
import { runProgram, UsageError } from './program.ts';

const help = `npm run compat [-- --released FILE]

Compares openapi.yaml with the contract of the last release. Fails if clients of that release break and the major
version is the same.

  --released FILE  the contract to compare with; infra/contract/released/openapi.yaml if not given
  -h, --help       prints this`;

await runProgram({
  command: 'npm run compat',
  help,
  options: { released: { type: 'string' } },
  async main({ released }) {
    if (released === '') throw new UsageError('--released: write the name of a file');
    // Loaded here, so that --help is fast.
    const { contractChanges } = await import('../contract/breaking-changes.ts');
    const { versions, bump, breaks } = await contractChanges(released);
    const isNewMajor = Number.parseInt(versions.current, 10) > Number.parseInt(versions.released, 10);
    if (breaks.length === 0) {
      console.log(`openapi.yaml breaks no client of ${versions.released}. Its changes ask for a bump: ${bump}.`);
    } else if (isNewMajor) {
      console.log(`openapi.yaml ${versions.current} breaks clients of ${versions.released}, as a major version may.`);
    } else {
      console.error(
        `openapi.yaml breaks clients of ${versions.released}:\n${breaks.join('\n')}\nUndo that, or release a new major version: npm run release -- major`,
      );
      process.exitCode = 1;
    }
  },
  explain: (error) => (error instanceof ContractError ? error.message : undefined),
});
