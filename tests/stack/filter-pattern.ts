/**
 * CloudWatch's rules for JSON filter patterns, as far as the stack uses them (docs: FilterAndPatternSyntaxForMetricFilters,
 * "Using filter patterns to match terms in JSON log events"):
 *
 * - a pattern matches a line of JSON only;
 * - a comparison with a property that the line lacks does not match, `!=` included; `NOT EXISTS` does;
 * - `*` in a text stands for any characters; `>` and its like compare numbers.
 */
type Condition = (line: unknown) => boolean;

/**
 * Reads a filter pattern.
 * @returns whether a line of a log matches it
 * @throws {Error} for a pattern that is not of this kind.
 */
export function filterPattern(pattern: string): (line: string) => boolean {
  const tokens = pattern.match(/"[^"]*"|\$[\w.]+|NOT EXISTS|IS NULL|IS TRUE|\|\||&&|[!<>]?=|[<>(){}]|[\w.-]+/g) ?? [];
  const take = (expected?: string) => {
    const token = tokens.shift();
    if (token === undefined || (expected && token !== expected)) throw new Error(`${expected} in ${pattern}`);
    return token;
  };

  const any = (): Condition => {
    const parts = [all()];
    while (tokens[0] === '||') {
      take();
      parts.push(all());
    }
    return (line) => parts.some((part) => part(line));
  };
  const all = (): Condition => {
    const parts = [single()];
    while (tokens[0] === '&&') {
      take();
      parts.push(single());
    }
    return (line) => parts.every((part) => part(line));
  };
  const single = (): Condition => {
    if (tokens[0] === '(') {
      take();
      const inner = any();
      take(')');
      return inner;
    }
    const path = take().split('.').slice(1);
    const operator = take();
    if (operator === 'NOT EXISTS') return (line) => valueAt(line, path) === undefined;
    if (operator === 'IS NULL') return (line) => valueAt(line, path) === null;
    if (operator === 'IS TRUE') return (line) => valueAt(line, path) === true;
    const compare = comparison(operator, take());
    return (line) => {
      const value = valueAt(line, path);
      return value !== undefined && value !== null && compare(value);
    };
  };

  take('{');
  const condition = any();
  take('}');
  if (tokens.length > 0) throw new Error(`${tokens.join(' ')} after the end of ${pattern}`);
  return (text) => {
    try {
      return condition(JSON.parse(text));
    } catch {
      return false;
    }
  };
}

function comparison(operator: string, operand: string): (value: unknown) => boolean {
  const text = operand.replaceAll('"', '');
  const escaped = text.replaceAll(/[^\w*]/g, '\\$&').replaceAll('*', '.*');
  const like = new RegExp(`^${escaped}$`, 's');
  const equal = (value: unknown) => typeof value !== 'object' && like.test(String(value));
  const number = Number(text);
  switch (operator) {
    case '=':
      return equal;
    case '!=':
      return (value) => typeof value !== 'object' && !equal(value);
    case '>':
      return (value) => typeof value === 'number' && value > number;
    case '>=':
      return (value) => typeof value === 'number' && value >= number;
    case '<':
      return (value) => typeof value === 'number' && value < number;
    case '<=':
      return (value) => typeof value === 'number' && value <= number;
  }
  throw new Error(`the operator ${operator}`);
}

/** Returns the value of a property, undefined if there is none. */
function valueAt(line: unknown, [key, ...rest]: string[]): unknown {
  if (key === undefined) return line;
  if (typeof line !== 'object' || line === null) return undefined;
  return valueAt(Object.getOwnPropertyDescriptor(line, key)?.value, rest);
}
