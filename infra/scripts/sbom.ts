/** `npm run sbom`: prints the software bill of materials of what is deployed, in CycloneDX 1.6. */
import { writeFile } from 'node:fs/promises';
import { runProgram, UsageError } from './program.ts';

const help = `npm run --silent sbom -- [options]

Prints the bill of materials of what is deployed, CycloneDX 1.6 in JSON: the bundles and the packages in them.

  --out FILE  writes it to a file, and prints nothing
  -h, --help  prints this`;

await runProgram({
  command: 'npm run sbom',
  help,
  options: { out: { type: 'string' } },
  async main({ out }) {
    if (out === '') throw new UsageError('--out: write the name of a file');
    // Loaded here, so that --help is fast.
    const { billOfMaterials } = await import('./bill-of-materials.ts');
    const text = await billOfMaterials();
    if (out === undefined) process.stdout.write(text);
    else await writeFile(out, text);
  },
  explain: ({ name, message }) => `${name}: ${message}`,
});
