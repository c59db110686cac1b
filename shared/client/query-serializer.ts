import { createQuerySerializer } from 'openapi-fetch';

/** The styles of query parameters whose items are not repeated, by method and path, and by name. */
export type QueryStyles = Record<string, Record<string, 'form' | 'spaceDelimited' | 'pipeDelimited'>>;

/** Returns a function that writes a query, each array in its style. */
export function querySerializer(styles: QueryStyles[string]): (query: Record<string, unknown>) => string {
  return (query) =>
    Object.entries(query)
      .map(([name, value]) => {
        const style = styles[name];
        return createQuerySerializer({ array: { style: style ?? 'form', explode: !style } })({ [name]: value });
      })
      .filter((text) => text !== '')
      .join('&');
}
