import { type FSWatcher, watch } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';

export interface SourceFilesOptions {
  /** The folder that paths are relative to. */
  root: string;
  /** With all that is in them. */
  folders: string[];
  /** Of the root itself. */
  files: string[];
  /** Told that something may have changed. */
  noticed(): void;
}

/**
 * The source files of a project, and which of them have changed. That something may have changed is noticed
 * by watching their folders; what, is found by looking at all of them: what a save looks like depends on the
 * editor, and on the system.
 */
export class FileWatcher {
  private readonly options: SourceFilesOptions;
  private readonly watchers = new Map<string, FSWatcher>();
  private seen = new Map<string, Buffer>();

  /** Watches the files from now on. */
  static async open(options: SourceFilesOptions): Promise<FileWatcher> {
    const files = new FileWatcher(options);
    await files.changes();
    return files;
  }

  private constructor(options: SourceFilesOptions) {
    this.options = options;
  }

  /** The paths of what is new, other or gone since it was looked at last, in their order. */
  async changes(): Promise<string[]> {
    const now = await this.look();
    const paths = new Set([...this.seen.keys(), ...now.keys()]);
    const changed = [...paths].filter((path) => !isSame(this.seen.get(path), now.get(path)));
    this.seen = now;
    return changed.sort();
  }

  /** Takes a file as it is now for seen. */
  async see(path: string): Promise<void> {
    this.seen.set(path, await readFile(join(this.options.root, path)));
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
      // Before it is read, so that nothing can change unnoticed in between.
      this.watch(path);
      const entries = await readdir(path, { withFileTypes: true }).catch(() => undefined);
      if (!entries) return;
      folders.add(path);
      await Promise.all(
        entries.map(async (entry) => {
          // What editors keep beside a file.
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

  /** Reads a file, if it is one and is still there. */
  private async read(path: string, files: Map<string, Buffer>): Promise<void> {
    const bytes = await readFile(path).catch(() => undefined);
    if (bytes) files.set(relative(this.options.root, path), bytes);
  }

  private watch(path: string): void {
    if (this.watchers.has(path)) return;
    try {
      const watcher = watch(path, (_event, name) => {
        // It may be the folder itself that was removed or put in the place of another.
        if (name === basename(path)) this.unwatch(path);
        this.options.noticed();
      });
      watcher.on('error', () => this.unwatch(path));
      this.watchers.set(path, watcher);
    } catch {
      // It is gone, or no folder: whatever it was in is watched.
    }
  }

  private unwatch(path: string): void {
    this.watchers.get(path)?.close();
    this.watchers.delete(path);
  }
}

function isSame(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one === undefined || other === undefined ? one === other : one.equals(other);
}
