import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folders = new Set<string>();

process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

/**
 * Creates the folder for the temporary files of an execution environment. On Lambda, /tmp belongs to one environment.
 * The name has the id of this process, so that a later start can tell that its owner crashed.
 * @returns its path
 */
export async function createTemporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `lambda-tmp-${process.pid}-`));
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
