import type { Operation } from '../../contract/contract-document.ts';

/** What joins the items of a query parameter that is not repeated for each of them. */
const joiners = { form: ',', spaceDelimited: '%20', pipeDelimited: '%7C' };

/** Returns path and query of an operation with the examples of its parameters. */
export function exampleTarget(path: string, parameters: Operation['parameters']): string {
  const query: string[] = [];
  let target = path;
  for (const { in: place, name, isArray, isGreedy, style, example } of parameters) {
    if (example === undefined) continue;
    const items = (isArray && Array.isArray(example) ? example : [example]).map((item) => encodeURIComponent(item));
    const inPath = isGreedy ? items.join(',').replaceAll('%2F', '/') : items.join(',');
    if (place === 'path') target = target.replace(`{${name}}`, () => inPath);
    else if (place === 'query')
      query.push(...(style ? [items.join(joiners[style])] : items).map((text) => `${name}=${text}`));
  }
  return query.length > 0 ? `${target}?${query.join('&')}` : target;
}
