/** `npm run trace`: prints log lines of a deployed function with the places of the sources in their stack traces. */
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { operations } from '../../shared/contract.ts';
import { deployedFunctions } from '../deployed-functions.ts';
import { bundleWithSourceMap } from '../function-bundle.ts';
import { readableLogLines } from '../log-line.ts';
import { sourceMapOf, withSourcePlaces } from '../source-places.ts';
import { type OptionValues, runProgram, UsageError } from './program.ts';

const functions = deployedFunctions(operations, ['queue']);
const names = functions.map(({ name }) => `${name}-dev`);

const help = `npm run trace -- --function NAME [--asset HASH] [FILE]

Prints the log lines of a file, or of standard input, with the places of the sources in their stack traces. The lines
may have either format of Lambda. The bundle is built again from this checkout: check out the commit that is deployed.

  --function NAME  the function that wrote the lines, such as ${names[0]}
  --asset HASH     fails unless the bundle of this checkout has this hash: the name of the function's Code.S3Key
  -h, --help       prints this`;

const options = { function: { type: 'string' }, asset: { type: 'string' } } as const;

await runProgram({ command: 'npm run trace', help, options, allowPositionals: true, main, explain });

async function main(values: OptionValues<typeof options>, [file, ...more]: string[]): Promise<void> {
  if (more.length > 0) throw new UsageError('Give one file');
  const { code, map } = bundleWithSourceMap(entryOf(values.function));
  if (values.asset !== undefined) await refuseOtherAsset(values.asset, code);
  const sourceMap = sourceMapOf(map);
  const input = file === undefined || file === '-' ? process.stdin : createReadStream(file);
  for await (const line of createInterface({ input })) {
    for (const readable of readableLogLines(withSourcePlaces(line, () => sourceMap))) console.log(readable);
  }
}

/** @throws {UsageError} for a name that no function has. */
function entryOf(given = ''): string {
  const found = functions.find(({ name }) => `${given}-`.startsWith(`${name}-`));
  if (found) return found.entry;
  throw new UsageError(`--function ${given}: write the name of a function, such as ${names.join(' or ')}`);
}

/** @throws {UsageError} if the asset of a hash is another bundle. */
async function refuseOtherAsset(hash: string, code: Uint8Array): Promise<void> {
  const outdir = await mkdtemp(join(tmpdir(), 'feeling-api-trace-'));
  try {
    // Loaded only here: it takes the CDK.
    const { synthesise } = await import('../app.ts');
    synthesise({ outdir, context: {} });
    const asset = join(outdir, `asset.${hash.replace(/\.zip$/, '')}`, 'index.mjs');
    const deployed = await readFile(asset).catch(() => undefined);
    if (!deployed?.equals(code)) {
      throw new UsageError(
        `--asset ${hash}: the bundle of this checkout is another one. Check out the deployed commit`,
      );
    }
  } finally {
    await rm(outdir, { recursive: true, force: true });
  }
}

function explain(error: Error): string | undefined {
  return 'code' in error && error.code === 'ENOENT' && 'path' in error
    ? `There is no file ${error.path}. Help: npm run trace -- --help`
    : undefined;
}
