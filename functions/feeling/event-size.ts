import { maxBytes, maxBytesOutsideStrings } from '../../shared/body-limits.ts';

/**
 * Returns whether a valid event is larger than the contract allows: as JSON without white space, its strings in UTF-8
 * without escapes. Lambda has parsed the event by then, so this saves no memory. It refuses the same requests as HTTP.
 */
export function isTooLarge(event: object): boolean {
  // The schema limits the two members that it requires.
  if (Object.keys(event).length <= 2) return false;
  let strings = 0;
  let others = 0;
  // Not by recursion, as an event may be 32,768 levels deep.
  const values: unknown[] = [event];
  while (values.length > 0) {
    const value = values.pop();
    if (typeof value === 'string') {
      strings += Buffer.byteLength(value) + 2;
    } else if (typeof value === 'object' && value !== null) {
      const members = Object.values(value);
      others += 1 + Math.max(1, members.length);
      if (!Array.isArray(value)) {
        others += members.length;
        for (const name of Object.keys(value)) strings += Buffer.byteLength(name) + 2;
      }
      if (others <= maxBytesOutsideStrings) values.push(...members);
    } else {
      others += String(value).length;
    }
    if (others > maxBytesOutsideStrings || strings + others > maxBytes) return true;
  }
  return false;
}
