import type { ValidationError } from '../contract.ts';
import type { OperationParameters } from '../parameter-list.ts';
import { parameterValues } from '../parameter-values.ts';
import { pathPattern } from './path-pattern.ts';

/**
 * Returns the errors of the parameters of a request; undefined if there are none.
 * @param path that of the operation, with `{name}` for a parameter
 */
export function parameterErrors<Values>(
  parameters: OperationParameters<Values>,
  path: string,
  { url, headers }: Request,
): ValidationError[] | undefined {
  const { pathname, search } = new URL(url);
  const [, ...texts] = pathPattern(path).exec(pathname) ?? [];
  const names = [...path.matchAll(/\{([^}]*)\}/g)].map(([, name]) => name);
  const pathParameters = Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(texts[index] ?? '')]));
  const source = { pathParameters, rawQueryString: search.slice(1), headers: Object.fromEntries(headers) };
  return parameterValues(parameters, source).errors;
}
