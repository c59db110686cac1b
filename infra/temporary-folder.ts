import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from './scripts/program.ts';

/** The name of a folder says whose it is: machine, process id, and when the process started, since ids are reused. */
const folderName = /^feeling-api-run-([0-9a-f]{8})-(\d+)-(\d+)-\w+$/;

/**
 * Creates a temporary folder for this process, and removes those of processes that ended without removing theirs.
 * @throws {UsageError} when there can be none.
 */
export async function temporaryFolder(): Promise<string> {
  const root = tmpdir();
  await removeAbandoned(root);
  try {
    return await mkdtemp(join(root, `feeling-api-run-${machine()}-${process.pid}-${startOf(process.pid)}-`));
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new UsageError(`TMPDIR=${root}: this folder cannot be written (${reason}); choose another`);
  }
}

async function removeAbandoned(root: string): Promise<void> {
  for (const name of await readdir(root).catch(() => [])) {
    const [, owner, pid, start] = folderName.exec(name) ?? [];
    if (owner !== machine() || isRunning(Number(pid), String(start))) continue;
    // Another user's, for example: it is not ours to report.
    await rm(join(root, name), { recursive: true, force: true }).catch(() => {});
  }
}

function isRunning(pid: number, start: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs as another user.
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
  }
  return startOf(pid) === start;
}

/**
 * Returns when a process started, in the system's own count; 0 where the system does not tell.
 * A process that ended and whose parent has not asked for its exit code, a zombie, counts as never started.
 */
function startOf(pid: number): string {
  try {
    // proc_pid_stat(5): fields 3 and 22. Field 2 is the name, in parentheses, and may contain anything.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[0] === 'Z' ? 'zombie' : (fields[19] ?? '0');
  } catch {
    return '0';
  }
}

/** Returns a name for this machine and, on Linux, this namespace of process ids: containers can share a folder. */
function machine(): string {
  let namespace = '';
  try {
    namespace = readlinkSync('/proc/self/ns/pid');
  } catch {
    // Only Linux has it.
  }
  return createHash('sha256').update(`${hostname()} ${namespace}`).digest('hex').slice(0, 8);
}
