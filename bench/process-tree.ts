import { readdir, readFile } from 'node:fs/promises';

/** What a process and its descendants use. Zero on systems other than Linux. */
export interface Usage {
  /** User and system time. */
  cpuMs: number;
  residentMb: number;
}

/** Linux measures CPU time in hundredths of a second, and memory in pages (proc_pid_stat(5)). */
const tickMs = 10;
const pageBytes = 4096;

/** Returns the usage of a process tree by the ID of its root. */
export async function usageOf(root: number): Promise<Usage> {
  const processes = new Map<number, { parent: number; cpuMs: number; residentMb: number }>();
  for (const name of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    // The second field is a name in parentheses, with any characters.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [, parent = 0] = fields;
    const [user = 0, system = 0] = fields.slice(11);
    const [resident = 0] = fields.slice(21);
    processes.set(Number(name), {
      parent,
      cpuMs: (user + system) * tickMs,
      residentMb: (resident * pageBytes) / 2 ** 20,
    });
  }
  const sum = { cpuMs: 0, residentMb: 0 };
  const tree = [root];
  for (const pid of tree) {
    const process = processes.get(pid);
    sum.cpuMs += process?.cpuMs ?? 0;
    sum.residentMb += process?.residentMb ?? 0;
    for (const [child, { parent }] of processes) if (parent === pid) tree.push(child);
  }
  return sum;
}
