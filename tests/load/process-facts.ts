/** What Linux tells of a process, in /proc. */
import { readdir, readFile, readlink } from 'node:fs/promises';

/** For tests that read /proc. */
export const linuxOnly = process.platform === 'linux' ? {} : { skip: 'it is read from /proc, which only Linux has' };

/** The processes that a process has started, and that are not gone, with the function that each runs. */
export async function childrenOf(pid: number): Promise<{ pid: number; function: string }[]> {
  const children: number[] = [];
  for (const task of await readdir(`/proc/${pid}/task`)) {
    const text = await readFile(`/proc/${pid}/task/${task}/children`, 'utf8').catch(() => '');
    children.push(...text.split(' ').filter(Boolean).map(Number));
  }
  return Promise.all(
    children.map(async (child) => {
      const variables = await readFile(`/proc/${child}/environ`, 'utf8').catch(() => '');
      return { pid: child, function: /(?:^|\0)AWS_LAMBDA_FUNCTION_NAME=([^\0]*)/.exec(variables)?.[1] ?? '' };
    }),
  );
}

/** How many sockets and pipes a process has open. */
export async function socketsAndPipesOf(pid: number | 'self'): Promise<number> {
  const files = await readdir(`/proc/${pid}/fd`);
  const links = await Promise.all(files.map((file) => readlink(`/proc/${pid}/fd/${file}`).catch(() => '')));
  return links.filter((link) => /^(?:socket|pipe):/.test(link)).length;
}

/** The memory that a process holds, or the most that it ever held. */
export async function memoryMb(pid: number, field: 'VmRSS' | 'VmHWM' = 'VmRSS'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${field}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1] ?? Number.NaN) / 1024;
}
