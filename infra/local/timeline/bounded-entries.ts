import type { Entry } from './entry.ts';
import { memoryOf } from './kept-body.ts';

export interface Bounds {
  /** @default 200 */
  entries?: number;
  /** Bytes of memory, about. @default 32 MB */
  bytes?: number;
}

/** How many entries are kept, unless the bounds say otherwise. */
export const defaultEntries = 200;

/** About what an entry takes beside its bodies, headers and log. */
const baseBytes = 512;

/** The last entries, bounded by number and by bytes of memory. */
export class BoundedEntries {
  private readonly bounds: Required<Bounds>;
  /** From the oldest to the newest. */
  private readonly entries: Entry[] = [];
  /** By their ids and by the request ids of their invocations. */
  private readonly byId = new Map<string, Entry>();
  private bytes = 0;

  constructor({ entries = defaultEntries, bytes = 32 * 1024 * 1024 }: Bounds) {
    this.bounds = { entries, bytes };
  }

  /** From the oldest to the newest. */
  get all(): readonly Entry[] {
    return this.entries;
  }

  /** @param id that of the entry or the request id of its invocation */
  find(id: string): Entry | undefined {
    return this.byId.get(id);
  }

  /** Adds an entry, and removes the oldest ones if there are too many or too many bytes. */
  add(entry: Entry): void {
    this.entries.push(entry);
    this.byId.set(entry.id, entry);
    if (entry.requestId !== undefined && entry.requestId !== entry.id) this.byId.set(entry.requestId, entry);
    this.measure(entry);
  }

  /** Counts the bytes of an entry that is new or has changed. Removes the oldest ones if there are too many bytes. */
  measure(entry: Entry): void {
    if (this.byId.get(entry.id) !== entry) return;
    const before = entry.bytes;
    entry.bytes = bytesOf(entry);
    this.bytes += entry.bytes - before;
    const { entries, bounds } = this;
    while (entries.length > bounds.entries || (this.bytes > bounds.bytes && entries.length > 1)) this.removeOldest();
  }

  private removeOldest(): void {
    const oldest = this.entries.shift();
    if (!oldest) return;
    this.bytes -= oldest.bytes;
    this.byId.delete(oldest.id);
    if (oldest.requestId !== undefined) this.byId.delete(oldest.requestId);
  }
}

function bytesOf(entry: Entry): number {
  let bytes = baseBytes + memoryOf(entry.payload) + memoryOf(entry.result?.payload) + 2 * entry.log.length;
  if (entry.kind === 'event') {
    for (const { result } of entry.tries) if (result !== entry.result) bytes += memoryOf(result?.payload);
    return bytes;
  }
  if (entry.kind === 'batch') return bytes;
  // The body of a response is often the payload of the result itself.
  const { body, headers } = entry.response;
  if (body.content !== entry.result?.payload.content) bytes += memoryOf(body);
  for (const [name, value] of headers) bytes += name.length + value.length;
  if (entry.kind === 'invoke') return bytes + (entry.clientContext?.length ?? 0) + entry.report.function.length;
  for (const text of entry.rawHeaders) bytes += text.length;
  return bytes + 2 * entry.url.length;
}
