/** Characters that control a terminal, reverse text, or end a line for some reader. */
const controls = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** Returns text on one line, with every control character escaped, such as `\x1b`. */
export function escapeControl(text: string): string {
  return text.replace(controls, (character) =>
    character < '\u0100' ? `\\x${hex(character, 2)}` : `\\u${hex(character, 4)}`,
  );
}

/** Returns JSON of the same value on one line: control characters are escaped in strings, and spaces elsewhere. */
export function escapeControlJson(json: string): string {
  return json.replace(controls, (character) => ('\t\n\r'.includes(character) ? ' ' : `\\u${hex(character, 4)}`));
}

function hex(character: string, digits: number): string {
  return character.charCodeAt(0).toString(16).padStart(digits, '0');
}
