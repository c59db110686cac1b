/**
 * `npm run fidelity`: collects the comments above tests that say what AWS does, and writes them to
 * infra/local/FIDELITY.md. Such a comment has a source, a section of infra/local/PLATFORM_FACTS.md or a page of Lambda's
 * documentation: `@aws 1.4: What AWS does.` It ends with `@here` and what differs here, or with `@unknown` where AWS's
 * behaviour is not certain.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../project-root.ts';
import { runProgram } from './program.ts';
import { projectFiles } from './project-files.ts';

const help = `npm run fidelity [-- --check]

Writes what AWS does, and the test that checks it here, to infra/local/FIDELITY.md, and their number to README.md.

  --check     fails if the files are not up to date; writes nothing
  -h, --help  prints this`;

/** A behaviour of AWS that a test holds. */
interface Behaviour {
  /** The folder of infra/local. */
  room: string;
  aws: string;
  source: string;
  /** What differs here. */
  here: string | undefined;
  isUnknown: boolean;
  file: string;
  title: string;
}

/** Comments or files that are not as they must be. The message says what to write. */
class FidelityError extends Error {
  override readonly name = 'FidelityError';
}

const options = { check: { type: 'boolean', default: false } } as const;
const explain = (error: Error) => (error instanceof FidelityError ? error.message : undefined);

await runProgram({ command: 'npm run fidelity', help, options, main, explain });

async function main({ check }: { check: boolean }): Promise<void> {
  const facts = await readFile(join(projectRoot, 'infra/local/PLATFORM_FACTS.md'), 'utf8');
  const headings = headingsOf(facts);
  const files = (await projectFiles()).filter((file) => /^tests\/local-runtime\/.*\.ts$/.test(file)).sort();
  const behaviours: Behaviour[] = [];
  for (const file of files) {
    behaviours.push(...behavioursIn(file, await readFile(join(projectRoot, file), 'utf8'), headings));
  }
  const readme = await readFile(join(projectRoot, 'README.md'), 'utf8');
  const mark = /(<!-- fidelity -->)[\s\S]*?(<!-- \/fidelity -->)/;
  const documents: [file: string, text: string][] = [
    ['infra/local/FIDELITY.md', document(behaviours, untestedIn(facts))],
    ['README.md', readme.replace(mark, `$1${countOf(behaviours)}$2`)],
  ];
  for (const [file, text] of documents) {
    const current = await readFile(join(projectRoot, file), 'utf8').catch(() => '');
    if (current === text) continue;
    if (check) throw new FidelityError(`${file} is not up to date: run npm run fidelity.`);
    await writeFile(join(projectRoot, file), text);
  }
  console.log(countOf(behaviours).replaceAll(/[[\]]|\(.*?\)/g, ''));
}

/** Returns the headings of the sections, by their numbers. */
function headingsOf(facts: string): Map<string, string> {
  return new Map([...facts.matchAll(/^#+ ([\d.]+?)\.? (.*)$/gm)].map(([line, number = '']) => [number, line]));
}

/** @throws {FidelityError} where a comment has no source that exists, or no test below it, or another form. */
function behavioursIn(file: string, text: string, headings: Map<string, string>): Behaviour[] {
  const [, , room = ''] = file.split('/');
  const comments = [...text.matchAll(/\/\*\* @aws ([\s\S]*?) \*\/\s*/g)];
  if (comments.length !== text.split('@aws ').length - 1) {
    throw new FidelityError(
      `${file}: write each @aws in a comment of its own, which begins with it: /** @aws 1.4: … */`,
    );
  }
  return comments.map(({ index, 0: { length }, 1: comment = '' }) => {
    // A test may have several comments.
    const after = text.slice(index + length).replace(/^(?:\/\*\* @aws [\s\S]*? \*\/\s*)+/, '');
    const [code = ''] = after.split('/** @aws');
    const words = comment.replaceAll(/\s+\*\s+/g, ' ');
    const [, section = '', aws, here, unknown] =
      /^(docs:[\w-]+|[\d.]+): (.*?)(?: @here (.*?))?( @unknown)?$/.exec(words) ?? [];
    const source = sourceOf(section, headings);
    if (!aws || !source)
      throw new FidelityError(`${file}: "@aws ${words}" has no source that exists, such as "@aws 1.4: …".`);
    const [, , title] = /^[\s\S]{0,200}?(['"`])([\s\S]*?[^\\])\1/.exec(code) ?? [];
    if (!title) throw new FidelityError(`${file}: there is no title of a test below "@aws ${words}".`);
    const shown = title.replaceAll(/\$\{[\s\S]*?\}+/g, '…').replaceAll('\\', '');
    return { room, aws, source, here, isUnknown: unknown !== undefined, file, title: shown };
  });
}

/** Returns a link to a source; undefined if it does not exist. */
function sourceOf(section: string, headings: Map<string, string>): string | undefined {
  const [, page] = /^docs:(.*)$/.exec(section) ?? [];
  if (page) return `[${page}](https://docs.aws.amazon.com/lambda/latest/dg/${page}.html)`;
  const heading = headings.get(section);
  const anchor = heading
    ?.replace(/^#+ /, '')
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-');
  return anchor && `[${section}](PLATFORM_FACTS.md#${anchor})`;
}

/** @throws {FidelityError} where the list of differences that no test holds is missing. */
function untestedIn(facts: string): string {
  const [, list] = /^### Differences without a test\n\n((?:- .*\n)+)/m.exec(facts) ?? [];
  if (!list) throw new FidelityError('PLATFORM_FACTS.md has no list "### Differences without a test".');
  return list;
}

function countOf(behaviours: Behaviour[]): string {
  const differ = behaviours.filter(({ here }) => here).length;
  const unknown = behaviours.filter(({ isUnknown }) => isUnknown).length;
  const same = behaviours.filter(({ here, isUnknown }) => !here && !isUnknown).length;
  const parts = `${same} the same, ${differ} different on purpose, ${unknown} where AWS is not certain`;
  return `[${behaviours.length} behaviours of AWS have a test](infra/local/FIDELITY.md): ${parts}.`;
}

function document(behaviours: Behaviour[], untested: string): string {
  const rooms = Map.groupBy(behaviours, ({ room }) => room);
  const tables = [...rooms].map(([room, rows]) => `## ${room}\n\n${table(rows)}`);
  return `# Fidelity

Generated by \`npm run fidelity\` from the comments above the tests; do not edit. What AWS does, where that is known from, and the test that fails when the local runtime does otherwise. Numbers are sections of [PLATFORM_FACTS.md](PLATFORM_FACTS.md).

${countOf(behaviours).replace('infra/local/', '')} A row with ≠ differs here. A row with ? is what is most likely: no source is certain.

${tables.join('\n\n')}

## Differences without a test

${untested}`;
}

function table(rows: Behaviour[]): string {
  const lines = rows.map(({ aws, source, here, isUnknown, file, title }) => {
    const sign = here ? '≠' : isUnknown ? '?' : '';
    const cells = [sign, aws, source, here ?? 'the same', `[${title.replaceAll(/[[\]]/g, '\\$&')}](../../${file})`];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return ['| | AWS | source | here | test |', '|---|---|---|---|---|', ...lines].join('\n');
}
