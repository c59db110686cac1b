/** `npm run bench`: measures the function and the local gateway beside their peers, and writes the results. */

import { execSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../infra/project-root.ts';
import { runProgram } from '../infra/scripts/program.ts';

const help = `npm run bench [-- --quick] [-- --out FOLDER]
npm run bench -- --triggers [--quick]

Compares the deployed function with handlers written by hand or with other frameworks, and the local
gateway with serverless-offline. Writes results.json, RESULTS.md and gateways.svg.

  --quick       few rounds and short loads: one minute after its packages are installed; not for publication
  --triggers    measures only invocations and messages of npm start, and prints them
  --out FOLDER  folder of the results; bench/results if not given, a temporary folder with --quick
  -h, --help    prints this`;

await runProgram({
  command: 'npm run bench',
  help,
  options: {
    quick: { type: 'boolean', default: false },
    triggers: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
  main,
});

async function main(options: { quick: boolean; triggers: boolean; out?: string | undefined }): Promise<void> {
  const inShell = (command: string) => execSync(command, { cwd: projectRoot, stdio: 'inherit' });
  if (!isInstalled()) inShell('npm --prefix bench ci');
  inShell('npx tsc --project bench');
  // It imports the packages of the peers, which are installed by now.
  const { measure, printTriggers } = await import('./measure.ts');
  if (options.triggers) await printTriggers(options);
  else await measure({ quick: options.quick, out: options.out });
}

/** Returns whether the packages of the peers are installed since package-lock.json changed. */
function isInstalled(): boolean {
  const [wanted, installed] = ['package-lock.json', 'node_modules/.package-lock.json'].map((name) =>
    statSync(join(projectRoot, 'bench', name), { throwIfNoEntry: false }),
  );
  return wanted !== undefined && installed !== undefined && installed.mtimeMs >= wanted.mtimeMs;
}
