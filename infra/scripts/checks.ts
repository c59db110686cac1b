/** `npm run check`: runs the static checks at the same time, and prints the output of each when it ends. */
import { spawn } from 'node:child_process';
import { projectRoot } from '../project-root.ts';
import { runProgram } from './program.ts';
import { started } from './running-script.ts';

const checks = ['lint', 'types', 'imports', 'contract', 'links', 'prose', 'fidelity -- --check'];

const help = `npm run check

Runs npm run ${checks.join(', npm run ')} at the same time, and prints which of them failed.

  -h, --help  prints this`;

await runProgram({ command: 'npm run check', help, options: {}, main });

async function main(): Promise<void> {
  const run = async (check: string) => {
    const script = started(spawn(process.execPath, ['--run', ...check.split(' ')], { cwd: projectRoot }));
    const exitCode = await script.ended();
    console.log(script.output().trim());
    return { check, exitCode };
  };
  const failed = (await Promise.all(checks.map(run))).filter(({ exitCode }) => exitCode !== 0);
  for (const { check } of failed) console.error(`npm run ${check} failed. Its output is above.`);
  if (failed.length > 0) process.exitCode = 1;
}
