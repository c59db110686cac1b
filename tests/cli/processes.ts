import { readFile } from 'node:fs/promises';

/** Sends a signal, unless the process has ended. */
export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended already.
  }
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Returns the processes that another has started. */
export async function childrenOf(pid: number | undefined): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
}

/** Returns the processes below another that serve. */
export async function serversBelow(pid: number | undefined): Promise<number[]> {
  const children = await childrenOf(pid);
  const own = [];
  for (const child of children) {
    const command = await readFile(`/proc/${child}/cmdline`, 'utf8').catch(() => '');
    const [first = ''] = command.split('\0');
    if (first === process.execPath) own.push(child);
    else own.push(...(await serversBelow(child)));
  }
  return own;
}
