import { constants, type FSWatcher, watch } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';

export interface FileWatcherOptions {
  /** The folder that paths are relative to. */
  root: string;
  /** Folders, with everything in them. */
  folders: string[];
  /** Files of the root itself. */
  files: string[];
  /** Called when something may have changed. */
  noticed(): void;
}

/**
 * Watches the source files of a project. Events of their folders say that something may have changed. To find out
 * what, it reads them all: the events of a save differ between editors and systems.
 */
export class FileWatcher {
  private readonly options: FileWatcherOptions;
  private readonly watchers = new Map<string, FSWatcher>();
  private seen = new Map<string, Buffer>();

  /** Watches the files from now on. */
  static async open(options: FileWatcherOptions): Promise<FileWatcher> {
    const files = new FileWatcher(options);
    await files.changes();
    return files;
  }

  private constructor(options: FileWatcherOptions) {
    this.options = options;
  }

  /** Returns the paths of the files that are new, changed or gone since the last call, sorted. */
  async changes(): Promise<string[]> {
    const now = await this.look();
    const paths = new Set([...this.seen.keys(), ...now.keys()]);
    const changed = [...paths].filter((path) => !isSame(this.seen.get(path), now.get(path)));
    this.seen = now;
    return changed.sort();
  }

  /** Takes the files whose path matches for known as they are now: they are no change. */
  async see(pattern: RegExp): Promise<void> {
    for (const [path, bytes] of await this.look()) if (pattern.test(path)) this.seen.set(path, bytes);
  }

  close(): void {
    for (const watcher of this.watchers.values()) watcher.close();
    this.watchers.clear();
  }

  private async look(): Promise<Map<string, Buffer>> {
    const { root } = this.options;
    const files = new Map<string, Buffer>();
    const folders = new Set([root]);
    const visit = async (path: string): Promise<void> => {
      // Watched before it is read: no change in between is missed.
      this.watch(path);
      const entries = await readdir(path, { withFileTypes: true }).catch(() => undefined);
      if (!entries) return;
      folders.add(path);
      await Promise.all(
        entries.map(async (entry) => {
          // Editors keep such files beside the one that is edited.
          if (/^\.|~$/.test(entry.name)) return;
          if (entry.isDirectory()) return visit(join(path, entry.name));
          await this.read(join(path, entry.name), files);
        }),
      );
    };
    this.watch(root);
    await Promise.all([
      ...this.options.folders.map((path) => visit(join(root, path))),
      ...this.options.files.map((path) => this.read(join(root, path), files)),
    ]);
    for (const path of this.watchers.keys()) if (!folders.has(path)) this.unwatch(path);
    return files;
  }

  private async read(path: string, files: Map<string, Buffer>): Promise<void> {
    const bytes = await readRegularFile(path);
    if (bytes) files.set(relative(this.options.root, path), bytes);
  }

  private watch(path: string): void {
    if (this.watchers.has(path)) return;
    try {
      const watcher = watch(path, (_event, name) => {
        // The folder itself may have been removed or replaced.
        if (name === basename(path)) this.unwatch(path);
        this.options.noticed();
      });
      watcher.on('error', () => this.unwatch(path));
      this.watchers.set(path, watcher);
    } catch {
      // It is gone, or no folder. The folder above is watched.
    }
  }

  private unwatch(path: string): void {
    this.watchers.get(path)?.close();
    this.watchers.delete(path);
  }
}

/**
 * Reads a file, or what a link leads to. To open a FIFO would wait for its writer, and hold the process even at its end.
 * @returns undefined where there is none, or it is a FIFO, a socket, a device or a folder
 */
async function readRegularFile(path: string): Promise<Buffer | undefined> {
  try {
    if (!(await stat(path)).isFile()) return undefined;
    // It may have been replaced since: opened like this, a FIFO is not waited for.
    await using file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    return (await file.stat()).isFile() ? await file.readFile() : undefined;
  } catch {
    return undefined;
  }
}

function isSame(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one === undefined || other === undefined ? one === other : one.equals(other);
}
