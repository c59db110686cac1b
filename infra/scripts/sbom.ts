/** `npm run sbom`: prints a software bill of materials of what is deployed, in CycloneDX 1.6. */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { isUsageError, UsageError } from './program.ts';

const help = `npm run --silent sbom -- [options]

Prints the bill of materials of what is deployed, CycloneDX 1.6 in JSON: the bundles and the packages in them.

  --out FILE  writes it to a file, and prints nothing
  -h, --help  prints this`;

try {
  await main();
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { values: options } = parseArgs({
    options: { out: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } },
  });
  if (options.help) return console.log(help);
  if (options.out === '') throw new UsageError('--out: write the name of a file.');
  // Not loaded by those who only want to know how it is used: it takes its time.
  const { billOfMaterials } = await import('./bill-of-materials.ts');
  const text = await billOfMaterials();
  if (options.out === undefined) process.stdout.write(text);
  else await writeFile(options.out, text);
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return isUsageError(error) ? `${error.message}\n\n${help}` : `${error.name}: ${error.message}`;
}
