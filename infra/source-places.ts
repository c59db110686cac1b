import { SourceMap } from 'node:module';

/** The end of a place in a bundle: its file, line and column. */
const placeEnd = /\/index\.mjs:(\d+):(\d+)/g;
/** The rest of a place, back to its start: a path or a URL. */
const pathBefore = /(?:file:\/\/)?((?:\/|[A-Z]:)[^\s"'()]*)$/;
/** The start of a stack frame, before its place. */
const frameStart = /(\bat (?:async )?)(?:[^()\n"]* \()?$/;
/** How far a place and the start of its frame are looked for: a line of a megabyte must take no time. */
const lookBack = { path: 1000, frame: 200 };

/**
 * Returns a text in which places in a bundle are places in the sources, such as functions/feeling/feeling.ts:5:30. The
 * name of a function in a frame is that of the minifier, and is left out.
 * @param mapOf returns the source map of a bundle, by its path; undefined if there is none
 */
export function withSourcePlaces(text: string, mapOf: (bundle: string) => SourceMap | undefined): string {
  let result = '';
  let end = 0;
  for (const { 0: found, 1: line, 2: column, index } of text.matchAll(placeEnd)) {
    const [place, path] = pathBefore.exec(text.slice(Math.max(end, index - lookBack.path), index)) ?? [];
    const source = place && sourceOf(mapOf(`${path}/index.mjs`), Number(line), Number(column));
    if (!source) continue;
    const start = index - place.length;
    const [frame = '', at = ''] = frameStart.exec(text.slice(Math.max(end, start - lookBack.frame), start)) ?? [];
    result += text.slice(end, start - frame.length) + at + source;
    end = index + found.length;
    // The parenthesis that the frame has opened.
    if (frame.endsWith('(') && text[end] === ')') end++;
  }
  return result + text.slice(end);
}

/** Returns file, line and column in the sources. A map returns the nearest place for one that is not in the bundle. */
function sourceOf(map: SourceMap | undefined, line: number, column: number): string | undefined {
  const entry = map?.findEntry(line - 1, column - 1);
  if (!entry || !('originalSource' in entry) || entry.generatedLine !== line - 1) return undefined;
  const file = entry.originalSource.replace(/^(?:.*(?=\bnode_modules\/)|(?:\.\.\/)+)/, '');
  return `${file}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
}

/** Returns the source map of a bundle, from its JSON. */
export function sourceMapOf(json: string): SourceMap {
  return new SourceMap(JSON.parse(json));
}
