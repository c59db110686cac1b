/** `npm run release`: makes the contract of now the released one. It writes files and commits nothing. */
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../project-root.ts';
import { runProgram, UsageError } from './program.ts';
import { runScript } from './running-script.ts';

const bumps = ['major', 'minor', 'patch'] as const;

const help = `npm run release -- major|minor|patch

Releases what is here: gives openapi.yaml, package.json and the changelog's section "Unreleased" the next version, and
keeps the contract and the types of the client, with which npm test compares from then on.

  major       a client that was right is no longer
  minor       something was added
  patch       anything else
  -h, --help  prints this`;

await runProgram({ command: 'npm run release', help, options: {}, allowPositionals: true, main });

async function main(_options: object, [word, ...more]: string[]): Promise<void> {
  const bump = bumps.find((one) => one === word);
  if (!bump || more.length > 0) throw new UsageError(`Write one of ${bumps.join(', ')}`);

  const { contractChanges } = await import('../contract/breaking-changes.ts');
  const changes = await contractChanges();
  const { released, current } = changes.versions;
  if (released !== current) {
    throw new UsageError(`openapi.yaml has version ${current}. Write ${released}, that of the last release, back.`);
  }
  if (changes.bump !== 'none' && bumps.indexOf(changes.bump) < bumps.indexOf(bump)) {
    const why = changes.breaks.map((line) => `\n${line}`).join('');
    throw new UsageError(`The changes of openapi.yaml ask for npm run release -- ${changes.bump}${why}`);
  }

  const version = next(current, bump);
  // All are read before the first is written, so that a refusal changes nothing.
  const files = await Promise.all([
    edited('CHANGELOG.md', /^## Unreleased\n(?=\n- )/m, `## Unreleased\n\n## ${version}\n`),
    edited('openapi.yaml', `\n  version: ${current}\n`, `\n  version: ${version}\n`),
    edited('package.json', `"version": "${current}"`, `"version": "${version}"`),
    lockFile(version),
  ]);
  for (const { path, text } of files) await writeFile(path, text);

  await run('infra/scripts/generate.ts');
  await run('infra/scripts/build-client.ts');
  const keep = join(projectRoot, 'infra/contract/released');
  await copyFile(join(projectRoot, 'openapi.yaml'), join(keep, 'openapi.yaml'));
  await copyFile(join(projectRoot, 'dist/client.d.ts'), join(keep, 'client.d.ts'));
  console.log(`Released ${version}. Now run npm test, commit, tag the commit v${version}, and npm run pack:client.`);
}

function next(version: string, bump: (typeof bumps)[number]): string {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  if (bump === 'major') return `${major + 1}.0.0`;
  return bump === 'minor' ? `${major}.${minor + 1}.0` : `${major}.${minor}.${patch + 1}`;
}

/** Returns the text of a file with one place replaced. @throws {UsageError} if it has no such place */
async function edited(file: string, place: string | RegExp, by: string): Promise<{ path: string; text: string }> {
  const path = join(projectRoot, file);
  const before = await readFile(path, 'utf8');
  const text = before.replace(place, by);
  if (text !== before) return { path, text };
  const what = file === 'CHANGELOG.md' ? 'Write what changed below "## Unreleased", as a list.' : `It has no ${place}.`;
  throw new UsageError(`${file} cannot be released. ${what}`);
}

async function lockFile(version: string): Promise<{ path: string; text: string }> {
  const path = join(projectRoot, 'package-lock.json');
  const lock = JSON.parse(await readFile(path, 'utf8'));
  lock.version = version;
  lock.packages[''].version = version;
  return { path, text: `${JSON.stringify(lock, null, 2)}\n` };
}

async function run(file: string): Promise<void> {
  const script = runScript(file, []);
  if ((await script.ended()) !== 0) throw new Error(script.output());
}
