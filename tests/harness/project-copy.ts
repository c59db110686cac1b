import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../infra/project-root.ts';
import { bareEnvironment, type Script, started } from '../../infra/scripts/running-script.ts';
import { sourceOfTestStages } from './test-configuration.ts';

const sources = [
  'functions',
  'infra',
  'shared',
  'tests',
  'openapi.yaml',
  'package.json',
  'tsconfig.json',
  'biome.json',
];

/** A copy of the project in a temporary folder, which is removed on disposal. */
export interface ProjectCopy extends AsyncDisposable {
  directory: string;
  /** Runs a program in the copy, in a bare environment. */
  start(args: string[], env?: NodeJS.ProcessEnv): Script;
}

export async function copyOfProject(): Promise<ProjectCopy> {
  const directory = await mkdtemp(join(tmpdir(), 'feeling-api-copy-'));
  for (const name of sources) await cp(join(projectRoot, name), join(directory, name), { recursive: true });
  await writeFile(join(directory, 'infra/stages.ts'), await sourceOfTestStages());
  await mkdir(join(directory, 'node_modules'));
  for (const name of await readdir(join(projectRoot, 'node_modules'))) {
    const [from, to] = [join(projectRoot, 'node_modules', name), join(directory, 'node_modules', name)];
    // The bundle lists the real paths of its modules: they have to be in the copy.
    if (name === '@middy') await cp(from, to, { recursive: true });
    else await symlink(from, to, 'junction');
  }
  return {
    directory,
    start: (args, env = {}) =>
      started(spawn(process.execPath, args, { cwd: directory, env: { ...bareEnvironment(), ...env } })),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}
