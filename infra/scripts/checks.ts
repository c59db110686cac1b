/** `npm run check`: the checks that run nothing of ours, all at the same time. What each says is printed at its end. */
import { spawn } from 'node:child_process';
import { runProgram, UsageError } from './program.ts';
import { started } from './running-script.ts';

const checks = ['lint', 'types', 'imports', 'contract'];

const help = `npm run check

Runs npm run ${checks.join(', npm run ')}, at the same time, and says which of them failed.

  -h, --help  prints this`;

await runProgram({ command: 'npm run check', help, options: {}, main });

async function main(): Promise<void> {
  const npm = process.env['npm_execpath'];
  if (!npm) throw new UsageError('It is npm that says where npm is: use npm run check');
  const run = async (check: string) => {
    const script = started(spawn(process.execPath, [npm, 'run', check]));
    const exitCode = await script.ended();
    console.log(script.output().trim());
    return { check, exitCode };
  };
  const failed = (await Promise.all(checks.map(run))).filter(({ exitCode }) => exitCode !== 0);
  for (const { check } of failed) console.error(`npm run ${check} failed: see above.`);
  if (failed.length > 0) process.exitCode = 1;
}
