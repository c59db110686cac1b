/** Returns a pattern that the end of a path matches, with a group for each `{name}`. */
export function pathPattern(path: string): RegExp {
  return new RegExp(`${path.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&').replaceAll(/\{[^}]*\}/g, '([^/]+)')}$`);
}
