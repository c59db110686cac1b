import { rmSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const prefix = 'lambda-tmp-';
const folders = new Set<string>();
let hasSwept = false;

process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

/**
 * Creates the folder for the temporary files of an execution environment. On Lambda, /tmp belongs to one environment.
 * The name has the id of this process, so that a later start can tell that its owner crashed.
 * @returns its path
 */
export async function createTemporaryFolder(): Promise<string> {
  if (!hasSwept) removeLeftFolders();
  hasSwept = true;
  const folder = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  folders.add(folder);
  return folder;
}

/** Removes a folder of an environment whose process has exited. */
export async function removeTemporaryFolder(folder: string): Promise<void> {
  // A child in another process group may still write to it. If it stays, the exit of this process removes it.
  await rm(folder, { recursive: true, force: true, maxRetries: 3 }).then(
    () => folders.delete(folder),
    () => {},
  );
}

/** Removes the folders of processes that crashed. Those of other users stay. */
async function removeLeftFolders(): Promise<void> {
  const names = await readdir(tmpdir()).catch(() => []);
  for (const name of names) {
    const [, owner] = new RegExp(`^${prefix}(\\d+)-`).exec(name) ?? [];
    if (owner === undefined || isAlive(Number(owner))) continue;
    await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => {});
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // A process of another user is alive, and may not be signalled.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
