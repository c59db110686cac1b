import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../project-root.ts';

/**
 * Returns the paths of the files that are in the repository or would be added to it, relative to its root.
 * @throws {Error} if the project is not a git checkout
 */
export async function projectFiles(): Promise<string[]> {
  const list = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const { stdout } = await promisify(execFile)('git', list, { cwd: projectRoot }).catch((cause: unknown) => {
    throw new Error(`${projectRoot} is not a git checkout: run this check in a clone of the repository.`, { cause });
  });
  return stdout.split('\0').filter((file) => file !== '' && existsSync(join(projectRoot, file)));
}
