import { maxBytes, maxBytesOutsideStrings } from '../../shared/body-limits.ts';

/** Returns whether a JSON text is larger than the contract allows. Takes no time for a text that is surely not. */
export function isTooLarge(text: string): boolean {
  // A UTF-16 code unit has at least one byte, and outside strings exactly one.
  return (
    text.length > maxBytesOutsideStrings &&
    (Buffer.byteLength(text) > maxBytes || lengthOutsideStrings(text) > maxBytesOutsideStrings)
  );
}

/** Returns the number of characters outside strings. Quotation marks are part of the string. */
function lengthOutsideStrings(text: string): number {
  let length = 0;
  let end = 0;
  for (let start = text.indexOf('"'); start >= 0; start = text.indexOf('"', end)) {
    length += start - end;
    end = endOfString(text, start);
  }
  return length + text.length - end;
}

/** Returns the index after the string that starts at an index, or the length of the text if the string has no end. */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return text.length;
}
