import { SourceMap } from 'node:module';

/** A place in a bundle: its path, line and column. */
const place = String.raw`(?:file://)?((?:/|[A-Z]:)[^\s"'()]*/index\.mjs):(\d+):(\d+)`;
/** A stack frame, or a place by itself. */
const frameOrPlace = new RegExp(String.raw`(at (?:async )?)(?:[^()\n"]* \()?${place}\)?|${place}`, 'g');

/**
 * Returns a text in which places in a bundle are places in the sources, such as functions/feeling/feeling.ts:5:30. The
 * name of a function in a frame is that of the minifier, and is left out.
 * @param mapOf returns the source map of a bundle, by its path; undefined if there is none
 */
export function withSourcePlaces(text: string, mapOf: (bundle: string) => SourceMap | undefined): string {
  if (!text.includes('/index.mjs:')) return text;
  return text.replaceAll(frameOrPlace, (all, at: string | undefined, ...groups: string[]) => {
    const [bundle = '', line, column] = at === undefined ? groups.slice(3) : groups;
    const entry = mapOf(bundle)?.findEntry(Number(line) - 1, Number(column) - 1);
    // A map returns the nearest place for one that is not in the bundle.
    if (!entry || !('originalSource' in entry) || entry.generatedLine !== Number(line) - 1) return all;
    const file = entry.originalSource.replace(/^(?:.*(?=\bnode_modules\/)|(?:\.\.\/)+)/, '');
    return `${at ?? ''}${file}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  });
}

/** Returns the source map of a bundle, from its JSON. */
export function sourceMapOf(json: string): SourceMap {
  return new SourceMap(JSON.parse(json));
}
