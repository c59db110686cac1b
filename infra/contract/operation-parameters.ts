/** Reads the parameters of an operation from openapi.yaml, and refuses those that nothing would convert or validate. */
import { z } from 'zod';
import type { Parameter } from '../../shared/parameter-list.ts';
import type { ContractErrorFactory } from './contract-error.ts';

/** A parameter, with what the generators need of it. */
export interface OperationParameter extends Parameter {
  required: boolean;
  /** Its schema in the contract, which may be a reference. */
  schema: Record<string, unknown>;
  /** Takes the rest of a path: `{name+}` in the route key. */
  isGreedy: boolean;
  /** What `npm start` prints; undefined for an optional parameter without an example. */
  example?: unknown;
}

type Place = (string | number)[];

const parameterShape = z.looseObject({
  name: z.string(),
  in: z.string(),
  required: z.boolean().default(false),
  style: z.string().optional(),
  explode: z.boolean().optional(),
  'x-greedy': z.boolean().default(false),
  schema: z.looseObject({}).optional(),
  examples: z.record(z.string(), z.looseObject({ value: z.unknown() })).default({}),
});
type ContractParameter = z.infer<typeof parameterShape>;

/** The styles that are served, and their default for `explode`. */
const styles: Record<string, string[]> = {
  path: ['simple'],
  query: ['form', 'spaceDelimited', 'pipeDelimited'],
  header: ['simple'],
};
const types: Record<string, Parameter['type']> = {
  string: 'string',
  number: 'number',
  integer: 'number',
  boolean: 'boolean',
};

/**
 * Returns the parameters of an operation, and those of its path that it does not replace.
 * @throws {ContractError} for the first one that is not supported, with its line and what to do
 */
export function parametersOf(
  document: unknown,
  path: string,
  method: string,
  fault: ContractErrorFactory,
): OperationParameter[] {
  const found = new Map<string, OperationParameter>();
  for (const list of [
    ['paths', path, 'parameters'],
    ['paths', path, method, 'parameters'],
  ]) {
    const parameters = z.array(z.looseObject({})).safeParse(valueAt(document, list) ?? []).data ?? [];
    for (const [index, value] of parameters.entries()) {
      const isReference = typeof value['$ref'] === 'string';
      const place = isReference ? String(value['$ref']).slice(2).split('/') : [...list, index];
      const parameter = parameterOf(document, place, fault);
      found.set(`${parameter.in} ${parameter.name}`, parameter);
    }
  }
  const parameters = [...found.values()];
  checkPath(path, parameters, (reason) => fault(['paths', path], reason, undefined));
  return parameters;
}

function parameterOf(document: unknown, place: Place, fault: ContractErrorFactory): OperationParameter {
  const { data, error } = parameterShape.safeParse(valueAt(document, place));
  if (!data) throw fault(place, `${place.join('/')}: ${error.issues[0]?.message}`, error);
  const refuse = (key: string, reason: string) =>
    fault([...place, key], `The ${data.in} parameter "${data.name}" ${reason}`, undefined);
  const { name, required, schema, 'x-greedy': isGreedy } = data;
  const where = z.enum(['path', 'query', 'header']).safeParse(data.in).data;
  if (!where) throw refuse('in', 'is not supported. Use a header parameter, or read event.cookies in the function.');
  if (!schema) throw refuse('content', 'has no schema. Give it "schema" in place of "content".');
  if (!/^(?!__proto__$)[\w.-]+$/.test(name)) {
    throw refuse('name', 'has a name that is not supported. Use letters, digits and the characters . _ -');
  }
  if (where === 'header' && /^(accept|content-type|authorization)$/i.test(name)) {
    throw refuse('name', 'is ignored by OpenAPI. Remove it: the request body, the responses and security describe it.');
  }
  if (where === 'path' && !required) throw refuse('required', 'is not required. Write "required: true".');
  if (isGreedy && where !== 'path') throw refuse('x-greedy', 'cannot be greedy. Remove "x-greedy".');
  for (const key of ['allowEmptyValue', 'allowReserved']) {
    if (data[key] === true) throw refuse(key, `has "${key}", which is not supported. Remove it.`);
  }
  const value = valueTypeOf(document, schema, (reason) => refuse('schema', reason));
  const style = styleOf(data, value.isArray, refuse);
  const example = exampleOf(data, value.schema);
  if (required && example === undefined) {
    throw refuse('name', 'has no example. Add "example": npm start prints it in a curl command.');
  }
  return {
    in: where,
    name,
    type: value.type,
    ...(value.isArray && { isArray: true }),
    ...(style && { style }),
    ...(value.schema['default'] !== undefined && { default: value.schema['default'] }),
    required,
    schema,
    isGreedy,
    example,
  };
}

/** Returns the type that a text is converted to. */
function valueTypeOf(document: unknown, schema: Record<string, unknown>, refuse: (reason: string) => Error) {
  const resolved = resolvedSchema(document, schema);
  const isArray = resolved['type'] === 'array';
  const item = isArray ? resolvedSchema(document, resolved['items'] ?? {}) : resolved;
  for (const key of ['nullable', 'oneOf', 'anyOf', 'allOf']) {
    if (resolved[key] || item[key]) throw refuse(`has "${key}", for which a text has no conversion. Give it one type.`);
  }
  const type = types[String(item['type'])];
  if (!type) {
    const what = isArray ? 'items of the type' : 'the type';
    const remedy = 'Use string, number, integer, boolean or an array of these, or send it in the body.';
    throw refuse(`has ${what} ${item['type'] ?? '(none)'}, which is not supported. ${remedy}`);
  }
  return { schema: resolved, type, isArray };
}

function styleOf(
  { in: where, style, explode }: ContractParameter,
  isArray: boolean,
  refuse: (key: string, reason: string) => Error,
): Parameter['style'] {
  const served = styles[where] ?? [];
  if (style !== undefined && !served.includes(style)) {
    throw refuse('style', `has the style ${style}, which is not supported. Use ${served.join(', ')}.`);
  }
  if (where !== 'query' || !isArray) return undefined;
  const { data = 'form' } = z.enum(['form', 'spaceDelimited', 'pipeDelimited']).safeParse(style);
  // OpenAPI: explode is true by default for the style form only.
  return (explode ?? data === 'form') ? undefined : data;
}

function exampleOf(parameter: ContractParameter, schema: Record<string, unknown>): unknown {
  const [first] = Object.values(parameter.examples);
  const own = parameter['example'] ?? first?.value ?? schema['example'];
  if (own !== undefined || !parameter.required) return own;
  const { data: values } = z.array(z.unknown()).safeParse(schema['enum']);
  return schema['default'] ?? values?.[0];
}

/** Checks that API Gateway can have a route with this path, and that its variables are the path parameters. */
function checkPath(path: string, parameters: OperationParameter[], refuse: (reason: string) => Error): void {
  const segments = path.split('/').slice(1);
  if (path !== '/' && segments.includes(''))
    throw refuse(`${path}: API Gateway takes no empty segment. Remove a slash.`);
  const greedy = segments.find((segment) => segment.endsWith('+}'));
  if (greedy) {
    throw refuse(`${path}: write ${greedy.replace('+', '')} and give its parameter "x-greedy: true".`);
  }
  const inPath = parameters.filter((parameter) => parameter.in === 'path');
  const names: string[] = [];
  for (const [index, segment] of segments.entries()) {
    if (!/[{}]/.test(segment)) continue;
    const [, name] = /^\{([^{}]+)\}$/.exec(segment) ?? [];
    if (!name) throw refuse(`${path}: API Gateway takes a variable as a whole segment only. Split ${segment}.`);
    const parameter = inPath.find((one) => one.name === name);
    if (!parameter) throw refuse(`${path}: add the path parameter "${name}".`);
    if (names.includes(name)) throw refuse(`${path} has {${name}} twice. Rename one of them.`);
    if (parameter.isGreedy && index < segments.length - 1) {
      throw refuse(`${path}: API Gateway takes a greedy variable as the last segment only. Move {${name}} to the end.`);
    }
    names.push(name);
  }
  const unused = inPath.find(({ name }) => !names.includes(name));
  if (unused) throw refuse(`${path} has no {${unused.name}}. Add it to the path, or remove the path parameter.`);
}

/** Returns a path as API Gateway's route key has it, with `{name+}` for a greedy parameter. */
export function routePathOf(path: string, parameters: OperationParameter[]): string {
  const greedy = parameters.find(({ isGreedy }) => isGreedy);
  return greedy ? path.replace(`{${greedy.name}}`, `{${greedy.name}+}`) : path;
}

function resolvedSchema(document: unknown, schema: unknown): Record<string, unknown> {
  const { data = {} } = z.looseObject({}).safeParse(schema);
  const reference = data['$ref'];
  return typeof reference === 'string'
    ? resolvedSchema(document, valueAt(document, reference.slice(2).split('/')))
    : data;
}

function valueAt(document: unknown, place: Place): unknown {
  return place.reduce((value: unknown, key) => Object(value)[key], document);
}
