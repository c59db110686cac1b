/** Generated requests: made from the schema in openapi.yaml, and then broken. */
import fc from 'fast-check';
import { z } from 'zod';

/** As much of a schema as the contract uses; another keyword is an error, so that none is ignored. */
const schemaShape = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('object'),
    description: z.string().optional(),
    required: z.array(z.string()),
    properties: z.record(z.string(), z.unknown()),
  }),
  z.strictObject({ type: z.literal('number'), description: z.string().optional() }),
  z.strictObject({ type: z.literal('string'), description: z.string().optional(), maxLength: z.number() }),
]);

/** JSON texts that the schema allows. */
export function validTexts(schema: unknown): fc.Arbitrary<string> {
  const parsed = schemaShape.parse(schema);
  if (parsed.type === 'number') return numberTexts;
  if (parsed.type === 'string') return messages(parsed.maxLength).map((text) => JSON.stringify(text));
  const known = Object.entries(parsed.properties).map(([name, property]) => {
    const member = validTexts(property).map((text) => `${JSON.stringify(name)}:${text}`);
    return parsed.required.includes(name) ? member : fc.option(member, { nil: undefined });
  });
  return fc
    .tuple(fc.tuple(...known), fc.array(foreignMembers(Object.keys(parsed.properties)), { maxLength: 3 }))
    .chain(([members, foreign]) =>
      fc
        .tuple(
          fc.shuffledSubarray([...members, ...foreign], { minLength: members.length + foreign.length }),
          whiteSpace,
        )
        .map(
          ([all, space]) => `{${space}${all.filter((text) => text !== undefined).join(`${space},${space}`)}}${space}`,
        ),
    );
}

/** JSON texts, or what was one, that the schema may allow or not: what is to come back, the oracle says. */
export function brokenTexts(schema: unknown): fc.Arbitrary<string | Buffer> {
  const parsed = schemaShape.parse(schema);
  if (parsed.type !== 'object') throw new TypeError('The request is no object.');
  const names = Object.keys(parsed.properties);
  const longest = Object.values(parsed.properties)
    .map((property) => schemaShape.parse(property))
    .find((property) => property.type === 'string')?.maxLength;
  if (longest === undefined) throw new TypeError('The request has no string.');
  const valid = validTexts(schema);
  const name = fc.constantFrom(...names);
  const anything = fc.jsonValue().map((value) => JSON.stringify(value));
  const withMember = (member: fc.Arbitrary<string>) =>
    fc
      .tuple(valid, member, fc.boolean())
      .map(([text, added, first]) =>
        first ? text.replace('{', `{${added},`) : text.trimEnd().replace(/\}$/, `,${added}}`),
      );
  return fc.oneof(
    // Dropped, retyped, nested, wrapped.
    fc.tuple(valid, name).map(([text, dropped]) => without(text, dropped)),
    withMember(fc.tuple(name, anything).map(([key, value]) => `${JSON.stringify(key)}:${value}`)),
    fc.tuple(valid, fc.constantFrom('[', '{"body":', '[[')).map(([text, open]) => `${open}${text}${closing(open)}`),
    valid.map((text) => JSON.stringify(text)),
    anything,
    // Cut short, with something more, with another sign in it.
    fc.tuple(valid, fc.nat(200)).map(([text, end]) => text.slice(0, end)),
    fc.tuple(valid, fc.constantFrom(',', '}', '\0', '{}', '//', ' null', '\u00a0')).map(([text, more]) => text + more),
    fc
      .tuple(valid, fc.nat(40), fc.constantFrom("'", '\t', '\u2028', '\\', '"', ',,'))
      .map(([text, at, sign]) => text.slice(0, at) + sign + text.slice(at + 1)),
    // Too long, too deep, too large.
    fc
      .tuple(fc.constantFrom('x', 'é', '漢', '🎉'), fc.integer({ min: 1, max: 9 }), name)
      .map(([sign, more, key]) =>
        JSON.stringify({ ...Object.fromEntries(names.map((other) => [other, 0])), [key]: sign.repeat(longest + more) }),
      ),
    withMember(fc.integer({ min: 1, max: 40_000 }).map((depth) => `"deep":${'['.repeat(depth)}${']'.repeat(depth)}`)),
    withMember(
      fc
        .tuple(name, fc.constantFrom('1e400', '-1e400', '9'.repeat(400), `0.${'0'.repeat(400)}1`, '1e-400'))
        .map(([key, number]) => `${JSON.stringify(key)}:${number}`),
    ),
    // Members of what every object has.
    withMember(
      fc.tuple(fc.constantFrom('__proto__', 'constructor', 'toString'), valid).map(([key, text]) => `"${key}":${text}`),
    ),
    valid.map((text) => `{"__proto__":${text}}`),
    // In another encoding.
    valid.map((text) => Buffer.from(`\ufeff${text}`, 'utf16le')),
    valid.map((text) => Buffer.from(text, 'utf16le').swap16()),
  );
}

const whiteSpace = fc.constantFrom('', '', ' ', '\t', '\r\n', '\n  ');

const numberTexts = fc.oneof(
  fc.constantFrom(
    '0',
    '-0',
    '1',
    '1.0',
    '-1',
    '0.5',
    '0e9',
    '1e0',
    '10E-1',
    '0.1e1',
    '-0.0',
    '2',
    '5e-324',
    '1.7976931348623157e308',
  ),
  fc.constantFrom(
    String(2 ** 53),
    String(2 ** 53 + 2),
    '1.0000000000000001',
    '0.9999999999999999',
    '1e-400',
    '12345678901234567890',
  ),
  fc.maxSafeInteger().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
);

/** Every plane, lone surrogates, control and bidirectional characters, and the lengths around the limit. */
function messages(maxLength: number): fc.Arbitrary<string> {
  const boundary = fc
    .tuple(
      fc.constantFrom('x', 'é', '漢', '🎉', '\0', '"', '\ud83c'),
      fc.integer({ min: maxLength - 1, max: maxLength }),
    )
    .map(([sign, length]) => sign.repeat(length));
  const units = fc.array(fc.nat(0xffff), { maxLength: 60 }).map((codes) => String.fromCharCode(...codes));
  const awkward = fc.constantFrom(
    '\0',
    '\u0007',
    '\u001b[31m',
    '\n',
    '\r\n',
    '\u2028',
    '\u202e',
    '\u2066',
    '\ufeff',
    ' ',
    '\ufffe',
    '\u200d',
    '\u0301',
    '🏳️‍🌈',
    '"',
    '\\',
    '</script>',
    '%00',
  );
  return fc.oneof(
    { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
    { weight: 4, arbitrary: units },
    { weight: 4, arbitrary: fc.array(awkward, { maxLength: 20 }).map((parts) => parts.join('')) },
    { weight: 1, arbitrary: boundary },
  );
}

function foreignMembers(known: string[]): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.string({ maxLength: 12 }).filter((name) => !known.includes(name)),
      fc.jsonValue({ maxDepth: 2 }),
    )
    .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
}

function without(text: string, name: string): string {
  return JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text)).filter(([key]) => key !== name)));
}

function closing(open: string): string {
  return [...open]
    .map((sign) => (sign === '[' ? ']' : sign === '{' ? '}' : ''))
    .toReversed()
    .join('');
}
