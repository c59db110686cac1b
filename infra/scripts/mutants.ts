/**
 * `npm run test:mutants`: changes the source in one place at a time and expects a test to fail. Each mutant is written
 * into a copy of the project, because the function runs in a process that a test runner cannot instrument.
 */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { cp, glob, mkdir, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../project-root.ts';
import { type Mutant, mutantsOf, mutated } from './mutants-of.ts';
import { runProgram, UsageError } from './program.ts';
import { started } from './running-script.ts';

const help = `npm run test:mutants [-- --only PATH] [-- --sample N] [-- --seed N]

Changes functions/ and shared/ in one place at a time and runs the tests of the changed file. Fails if a mutant
survives that infra/scripts/mutant-survivors.json does not explain.

  --only PATH tries those of one file
  --sample N  tries N mutants instead of all
  --seed N    chooses the same sample again
  -h, --help  prints this`;

/** Copied for the tests. Everything else is too large or not read by them. */
const copied = [
  ...['functions', 'shared', 'infra', 'tests'],
  ...['openapi.yaml', 'package.json', 'tsconfig.json', 'biome.json', 'cdk.json'],
];

const clientTest = (name: string) => `tests/client/${name}.test.ts`;
/** The quickest first: it kills most mutants. */
const client = ['responses', 'calls', 'retry-after', 'client'].map(clientTest);
const direct = ['tests/api/direct.test.ts'];
const http = ['tests/api/request-body.test.ts', 'tests/api/http.test.ts'];
const records = ['tests/api/records.test.ts', 'tests/api/record-answers.test.ts'];
const parameters = ['tests/cli/operation-parameters.test.ts'];
/** The tests that reach a file. The first that fails ends the trial of a mutant. Other files are in both functions. */
const testsByFile = new Map([
  ['shared/client.ts', [...client, ...parameters]],
  ['shared/client/retry-after.ts', [clientTest('retry-after')]],
  ['shared/client/schema-match.ts', ['schema-match', 'responses'].map(clientTest)],
  ['shared/client/outcome.ts', [...client, ...parameters]],
  ['shared/client/parameter-errors.ts', parameters],
  ['shared/client/path-pattern.ts', [clientTest('mock'), ...parameters]],
  ['shared/client/query-serializer.ts', parameters],
  ['shared/mock.ts', [clientTest('mock'), ...parameters]],
  ['shared/parameter-values.ts', parameters],
  ['shared/validation-errors.ts', [...direct, 'tests/api/validation-messages.test.ts']],
  ['functions/feeling/feeling.ts', ['tests/api/feeling.test.ts']],
  ['functions/feeling/direct.ts', direct],
  ['functions/feeling/records.ts', records],
  ['functions/feeling/envelope.ts', records],
  ['functions/sqs/send-messages.ts', records],
  ['functions/feeling/event-size.ts', direct],
  ['functions/feeling/invalid-event.ts', direct],
  ['functions/feeling/http.ts', http],
  ['functions/middleware/json-size.ts', ['tests/api/request-body.test.ts', ...records]],
  ['functions/middleware/valid-parameters.ts', parameters],
]);

interface Survivor {
  file: string;
  was: string;
  becomes: string;
  /** Why no test can notice it. */
  reason: string;
}

interface Options {
  only?: string | undefined;
  sample?: string | undefined;
  seed?: string | undefined;
}

await runProgram({
  command: 'npm run test:mutants',
  help,
  options: { only: { type: 'string' }, sample: { type: 'string' }, seed: { type: 'string' } },
  main,
});

async function main(options: Options): Promise<void> {
  const { only } = options;
  const all = await allMutants();
  const chosen = only === undefined ? all : all.filter(({ file }) => file === only);
  if (chosen.length === 0) throw new UsageError(`--only ${only} has no mutants. Name a file of functions/ or shared/.`);
  const seed = countOf('seed', options.seed) ?? Math.floor(Math.random() * 1e9);
  const sample = options.sample === undefined ? chosen : sampleOf(chosen, countOf('sample', options.sample) ?? 0, seed);
  console.log(`${sample.length} of ${chosen.length} mutants, --seed ${seed}`);

  const folder = await copyOfProject();
  const needed = [...new Set(sample.flatMap(({ file }) => testsOf(file)))];
  // A test that fails anyway would kill every mutant.
  const broken = await failingTest(folder, needed);
  if (broken) throw new Error(`${broken} fails without a mutant. Make it pass first.`);

  const survivors: Mutant[] = [];
  for (const mutant of sample) {
    const failed = await trial(folder, mutant);
    console.log(`${failed ? 'killed  ' : 'SURVIVED'} ${nameOf(mutant)}${failed ? `  (${failed})` : ''}`);
    if (!failed) survivors.push(mutant);
  }
  console.log(`evidence: mutants tried=${sample.length}`);
  console.log(`evidence: mutants killed=${sample.length - survivors.length}`);
  await report(survivors, all);
}

/** Returns a temporary folder with what the tests need. It is removed at the end, also after a signal. */
async function copyOfProject(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'feeling-api-mutants-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));
  for (const name of copied) await cp(join(projectRoot, name), join(folder, name), { recursive: true });
  await symlink(join(projectRoot, 'node_modules'), join(folder, 'node_modules'));
  await mkdir(join(folder, 'tmp'));
  return folder;
}

/** Returns the mutants of everything that is written by hand. Those of the generated file differ from openapi.yaml. */
async function allMutants(): Promise<Mutant[]> {
  const mutants: Mutant[] = [];
  for await (const file of glob('{functions,shared}/**/*.ts', { cwd: projectRoot })) {
    if (file.endsWith('.gen.ts')) continue;
    mutants.push(...mutantsOf(file, await readFile(join(projectRoot, file), 'utf8')));
  }
  return mutants.sort((a, b) => a.file.localeCompare(b.file) || a.start - b.start);
}

/** Returns the test file that fails for a mutant, or undefined if it survives. */
async function trial(folder: string, mutant: Mutant): Promise<string | undefined> {
  const path = join(folder, mutant.file);
  const original = await readFile(path, 'utf8');
  await writeFile(path, mutated(original, mutant));
  try {
    return await failingTest(folder, testsOf(mutant.file));
  } finally {
    await writeFile(path, original);
  }
}

/** Returns the first test file that fails or takes longer than a minute. */
async function failingTest(folder: string, tests: string[]): Promise<string | undefined> {
  // A test that is stopped leaves its temporary files in the copy.
  const env = { ...process.env, TMPDIR: join(folder, 'tmp') };
  for (const test of tests) {
    const flags = ['--require', './infra/require-node-24.cjs', '--test', test];
    // A mutant may have each test of a file wait for ever, so --test-timeout would take many times as long.
    const child = spawn(process.execPath, flags, {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
    });
    const stop = () => child.kill();
    process.once('exit', stop);
    const status = await started(child).ended();
    process.off('exit', stop);
    if (status !== 0) return test;
  }
  return undefined;
}

function testsOf(file: string): string[] {
  const others = file.startsWith('functions/middleware/') ? http : [...direct, ...http];
  return testsByFile.get(file) ?? (file.startsWith('shared/client/') ? client : others);
}

/** Fails for survivors without a reason, and for reasons that no longer belong to a mutant. */
async function report(survivors: Mutant[], all: Mutant[]): Promise<void> {
  const path = join(projectRoot, 'infra/scripts/mutant-survivors.json');
  const explained: Survivor[] = JSON.parse(await readFile(path, 'utf8'));
  const same = (a: Survivor, b: Mutant) => a.file === b.file && a.was === b.was && a.becomes === b.becomes;
  const unexplained = survivors.filter((mutant) => !explained.some((survivor) => same(survivor, mutant)));
  const stale = explained.filter((survivor) => !all.some((mutant) => same(survivor, mutant)));
  for (const mutant of unexplained)
    console.error(`No test notices ${nameOf(mutant)}. Add one, or a reason to ${path}.`);
  for (const { file, was } of stale) console.error(`${path} explains a mutant of "${was}" in ${file}. There is none.`);
  if (unexplained.length + stale.length > 0) process.exitCode = 1;
}

/** Returns some of the mutants, the same ones for the same seed. */
function sampleOf(all: Mutant[], count: number, seed: number): Mutant[] {
  const rest = [...all];
  const sample: Mutant[] = [];
  // A linear congruential generator (Numerical Recipes): good enough to choose with.
  for (let state = seed; sample.length < count && rest.length > 0; ) {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    sample.push(...rest.splice(Math.floor((state / 2 ** 32) * rest.length), 1));
  }
  return sample;
}

function nameOf({ file, line, was, becomes }: Mutant): string {
  return `${file}:${line}: ${was.replaceAll(/\s+/g, ' ').slice(0, 80)} -> ${becomes}`;
}

/** @throws {UsageError} if the option is not a whole number */
function countOf(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!/^\d{1,9}$/.test(value)) throw new UsageError(`--${name} "${value}" is not a whole number.`);
  return Number(value);
}
