/**
 * `npm run test:long`: every test, with as many samples, events and faults as half an hour has room for, and
 * a table of what was tried. With `--write` the table goes into the README.
 */
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../project-root.ts';
import { runProgram } from './program.ts';
import { started } from './running-script.ts';

const help = `npm run test:long [-- --write]

Runs every test with many more samples than npm test, within half an hour, and prints what was tried.

  --write     puts the table into the README
  -h, --help  prints this

RUNS, EVENTS, FAULTS, CONNECTIONS and SOAK, where they are set, say how many samples, events, faults, connections at
once, and requests of the soak; SCREENSHOTS names a folder for pictures of the pages; SEED repeats a run.`;

const readme = join(projectRoot, 'README.md');
const marks = ['<!-- what was tried: npm run test:long -- --write -->\n', '<!-- /what was tried -->'] as const;

await runProgram({ command: 'npm run test:long', help, options: { write: { type: 'boolean', default: false } }, main });

async function main(options: { write: boolean }): Promise<void> {
  const flags = [
    '--test',
    '--test-global-setup=tests/harness/set-up.ts',
    '--test-concurrency=2',
    '--test-timeout=1500000',
  ];
  const child = spawn(process.execPath, [...flags, '--test-reporter=spec', 'tests/**/*.test.ts'], {
    cwd: projectRoot,
    env: {
      RUNS: '1000',
      EVENTS: '100000',
      FAULTS: '20',
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
  // Whoever reads the end only is to see how it went.
  console.log(
    run
      .output()
      .match(/^ℹ (?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) .*$/gm)
      ?.join('\n'),
  );
  if (process.exitCode === 0 && options.write) await writeReadme(tables);
}

/** What the tests say of themselves in lines such as `evidence: connections=1000`, summed up, as a table. */
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

/** What was seen of `npm start` under load, as a table. Its rows are the tests' own. */
function loads(output: string): string {
  const rows = [...output.matchAll(/load: (\|.*\|)$/gm)].map(([, row]) => row);
  const head = '| load | requests | answered 200 | 429 or 503 | p50 ms | p99 ms | gateway MB |';
  return [head, '|---|--:|--:|--:|--:|--:|--:|', ...rows, ''].join('\n');
}

/** @throws {Error} when the README has no place for the table */
async function writeReadme(table: string): Promise<void> {
  const text = await readFile(readme, 'utf8');
  const [start, end] = marks.map((mark) => text.indexOf(mark));
  if (start === undefined || end === undefined || start < 0 || end < start) {
    throw new Error(`README.md has no place for the table: ${marks.join('…')}`);
  }
  await writeFile(readme, text.slice(0, start + marks[0].length) + table + text.slice(end));
}
