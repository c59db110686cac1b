import type { ValidationError } from './contract.ts';
import type { OperationParameters, Parameter, ParameterSource } from './parameter-list.ts';
import { validationErrors } from './validation-errors.ts';

/** What separates the items of a query parameter. An encoded comma belongs to an item. */
const separators = { form: /,/, spaceDelimited: /%20|\+/, pipeDelimited: /\||%7C/i };

/** A number as JSON writes it: not empty, without spaces, not `0x10`, not `Infinity`. */
const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/i;

/**
 * Converts and validates the parameters of a request. Parameters that the contract does not have are ignored.
 * @returns their values, or every error, with a pointer such as `#/query/limit`
 */
export function parameterValues<Values>(
  { list, validate }: OperationParameters<Values>,
  source: ParameterSource,
): { values: Values; errors?: never } | { values?: never; errors: ValidationError[] } {
  const values: Record<Parameter['in'], Record<string, unknown>> = { path: {}, query: {}, header: {} };
  const errors: ValidationError[] = [];
  for (const parameter of list) {
    const given = textsOf(parameter, source);
    const texts = given.flat();
    const [first] = texts;
    const place = values[parameter.in];
    if (first === undefined) {
      if (parameter.default !== undefined) place[parameter.name] = structuredClone(parameter.default);
    } else if (parameter.isArray) place[parameter.name] = texts.map((text) => converted(parameter, text));
    else place[parameter.name] = converted(parameter, first);
    // Only an array without a style is repeated.
    if (given.length > 1 && (!parameter.isArray || parameter.style)) {
      errors.push({ pointer: `#/${parameter.in}/${parameter.name}`, detail: 'must not be given more than once' });
    }
  }
  const candidate: unknown = values;
  if (!validate(candidate)) errors.push(...validationErrors(validate));
  else if (errors.length === 0) return { values: candidate };
  return { errors };
}

/** Returns the texts of a parameter, decoded: a list for each time that the request has it, with a text for each item. */
function textsOf({ in: place, name, isArray, style }: Parameter, source: ParameterSource): string[][] {
  if (place === 'query') {
    return source.rawQueryString.split('&').flatMap((part) => {
      const [[key, value] = []] = new URLSearchParams(part);
      if (key !== name || value === undefined) return [];
      if (!style) return [[value]];
      const raw = part.includes('=') ? part.slice(part.indexOf('=') + 1) : '';
      return [raw.split(separators[style]).map((item) => new URLSearchParams(`=${item}`).get('') ?? '')];
    });
  }
  const text = place === 'path' ? source.pathParameters?.[name] : source.headers[name.toLowerCase()];
  // API Gateway may take an empty segment for the value of a variable (PLATFORM_FACTS 1.7).
  if (text === undefined || (place === 'path' && text === '')) return [];
  return [isArray ? text.split(',').map((item) => item.trim()) : [text]];
}

/** Returns the value of a text, or the text itself if it is no such value: the validator then says what it must be. */
function converted({ type }: Parameter, text: string): unknown {
  if (type === 'number' && jsonNumber.test(text)) return Number(text);
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}
