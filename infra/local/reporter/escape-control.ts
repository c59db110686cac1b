/** What steers a terminal, turns text around, or ends a line for whoever reads it. */
const steering = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** Text on one line, which can do nothing but be read. */
export function escapeControl(text: string): string {
  return text.replace(steering, (character) =>
    character < '\u0100' ? `\\x${hex(character, 2)}` : `\\u${hex(character, 4)}`,
  );
}

/** The same for JSON, which stays JSON of the same value: what is replaced stands in a string, or is white space. */
export function escapeControlJson(json: string): string {
  return json.replace(steering, (character) => ('\t\n\r'.includes(character) ? ' ' : `\\u${hex(character, 4)}`));
}

function hex(character: string, digits: number): string {
  return character.charCodeAt(0).toString(16).padStart(digits, '0');
}
