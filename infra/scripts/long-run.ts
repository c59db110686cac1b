/**
 * `npm run test:long`: runs every test with as many samples, events and faults as fit into half an hour, and prints
 * tables of what it tried. With `--write` it writes them to tests/EVIDENCE.md.
 */
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../project-root.ts';
import { runProgram } from './program.ts';
import { started } from './running-script.ts';

const help = `npm run test:long [-- --write]

Runs every test with many more samples than npm test, in half an hour at most, and prints what it tried.

  --write     writes what it tried to tests/EVIDENCE.md, if every test passes
  -h, --help  prints this

Environment variables:
  LONG         1 tries every case of tests that npm test shortens; 1 if not set
  RUNS         samples per property; 1000 if not set
  SIMULATIONS  simulated orders of what can happen to asynchronous events; 40000 if not set
  EVENTS       asynchronous events through the queue; 100000 if not set
  FAULTS       faults of each kind; 20 if not set
  MESSAGES     messages of a queue while things are killed; 5000 if not set
  CONNECTIONS  connections at once; 5000 if not set
  SOAK         requests of the soak; 150000 if not set
  SCREENSHOTS  folder for screenshots of the pages; a temporary folder if not set
  SEED         repeats the samples of a run that printed this seed`;

const evidenceFile = join(projectRoot, 'tests/EVIDENCE.md');

await runProgram({ command: 'npm run test:long', help, options: { write: { type: 'boolean', default: false } }, main });

async function main(options: { write: boolean }): Promise<void> {
  const flags = [
    '--test',
    '--test-global-setup=tests/harness/set-up.ts',
    '--test-concurrency=3',
    '--test-timeout=1500000',
  ];
  const child = spawn(process.execPath, [...flags, '--test-reporter=spec', 'tests/**/*.test.ts'], {
    cwd: projectRoot,
    env: {
      LONG: '1',
      RUNS: '1000',
      SIMULATIONS: '40000',
      EVENTS: '100000',
      FAULTS: '20',
      MESSAGES: '5000',
      CONNECTIONS: '5000',
      SOAK: '150000',
      SCREENSHOTS: join(tmpdir(), 'feeling-api-screenshots'),
      ...process.env,
    },
  });
  child.stdout.pipe(process.stdout);
  child.stderr.pipe(process.stderr);
  const run = started(child);
  process.exitCode = (await run.ended()) ?? 1;

  const tables = `${tried(run.output())}\n${loads(run.output())}`;
  console.log(`\n${tables}`);
  // Repeats the totals, which the tables have pushed up.
  console.log(
    run
      .output()
      .match(/^ℹ (?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) .*$/gm)
      ?.join('\n'),
  );
  if (process.exitCode === 0 && options.write)
    await writeFile(evidenceFile, evidence(tables, totalMinutes(run.output())));
}

/** Returns a table of the sums of lines such as `evidence: connections=1000`, which the tests print. */
function tried(output: string): string {
  const sums = new Map<string, number>();
  for (const [, what = '', count] of output.matchAll(/evidence: (.+)=(\d+)$/gm)) {
    sums.set(what, (sums.get(what) ?? 0) + Number(count));
  }
  const [, passed] = /^ℹ pass (\d+)$/m.exec(output) ?? [];
  sums.set('tests passed', Number(passed));
  const rows = [...sums].map(([what, sum]) => `| ${what} | ${sum.toLocaleString('en')} |`);
  return ['| tried | |', '|---|--:|', ...rows, ''].join('\n');
}

/** Returns a table of `npm start` under load. The tests print its rows. */
function loads(output: string): string {
  const rows = [...output.matchAll(/load: (\|.*\|)$/gm)].map(([, row]) => row);
  const head = '| load | requests | answered 200 | 429 or 503 | p50 ms | p99 ms | gateway MB |';
  return [head, '|---|--:|--:|--:|--:|--:|--:|', ...rows, ''].join('\n');
}

/** Returns the text of tests/EVIDENCE.md. */
function evidence(tables: string, minutes: number): string {
  const date = new Date().toISOString().slice(0, 10);
  return `# Evidence

What one run of \`npm run test:long -- --write\` tried on ${date}: ${minutes} minutes, ${cpus().length} cores, Node.js ${process.version}. Generated; do not edit.

${tables}`;
}

function totalMinutes(output: string): number {
  const [, milliseconds] = /^ℹ duration_ms ([\d.]+)$/m.exec(output) ?? [];
  return Math.round(Number(milliseconds) / 60_000);
}
