import type { ShownBody } from './entry-json.ts';

/** A body as the timeline keeps it. */
export interface KeptBody {
  content: Buffer | string;
  /** How much of its end is missing: bytes of a buffer, UTF-16 units of a string. 0 where it is whole. */
  omitted: number;
}

/** The most of a body that is kept, in bytes or UTF-16 units. */
export const mostOfBody = 1024 * 1024;
/** A small body must not keep more memory than this alive: what a pipe delivers is a part of 64 KB. */
const mostMemory = 4096;

/** Keeps a body. Copies it only where it is cut, or where it is a small part of a large buffer. */
export function keepBody(body: Buffer | string): KeptBody {
  const omitted = Math.max(0, body.length - mostOfBody);
  if (omitted > 0) {
    // A slice of a string keeps the whole string alive.
    const kept =
      typeof body === 'string' ? Buffer.from(body.slice(0, mostOfBody)).toString() : body.subarray(0, mostOfBody);
    return { content: typeof kept === 'string' ? kept : Buffer.from(kept), omitted };
  }
  const isPartOfMore = typeof body !== 'string' && body.buffer.byteLength > mostMemory + 2 * body.length;
  return { content: isPartOfMore ? Buffer.from(body) : body, omitted };
}

/** The longest body in a ring. */
const smallBytes = 4096;
/** Of an entry: event, result and response. */
const bodiesOfEntry = 3;

/**
 * Memory for the small bodies of the last entries, used again and again: many small buffers that live for a moment cost
 * the garbage collector more than all else of the timeline. A body is overwritten once that many entries have come.
 */
export class BodyRing {
  private readonly size: number;
  private memory: Buffer | undefined;
  private offset = 0;

  /** @param entries how many entries are kept: each may have three bodies here */
  constructor(entries: number) {
    // A body that does not fit at the end leaves less than one place empty.
    this.size = (entries * bodiesOfEntry + 2) * smallBytes;
  }

  /** Keeps a body, in the ring if it is small. */
  keep(body: Buffer | string): KeptBody {
    if (typeof body === 'string' || body.length > smallBytes) return keepBody(body);
    this.memory ??= Buffer.allocUnsafeSlow(this.size);
    if (this.offset + body.length > this.size) this.offset = 0;
    const start = this.offset;
    this.offset += body.copy(this.memory, start);
    return { content: this.memory.subarray(start, this.offset), omitted: 0 };
  }
}

/** Returns about how many bytes of memory a body takes. A string may take two bytes for each unit. */
export function memoryOf(body: KeptBody | undefined): number {
  if (!body) return 0;
  return typeof body.content === 'string' ? 2 * body.content.length : body.content.length;
}

/** Returns a body for a reader: as text if it is UTF-8. */
export function shownBody({ content, omitted }: KeptBody): ShownBody {
  const cut = omitted > 0 ? { omitted } : {};
  if (typeof content === 'string') return { text: content, ...cut };
  try {
    // The cut may be within a character.
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content, { stream: omitted > 0 });
    return { text, ...cut };
  } catch {
    return { base64: content.toString('base64'), ...cut };
  }
}

/** Returns the text of a body; undefined where it was cut. */
export function wholeText(body: KeptBody | undefined): string | undefined {
  return body && body.omitted === 0 ? body.content.toString() : undefined;
}
