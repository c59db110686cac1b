/** What the generator cannot take. Each is put above `components:` or replaces a text of openapi.yaml. */
interface ContractRefusal {
  /** Completes "npm run generate refuses". */
  what: string;
  /** The path of an operation `get` that is added. @default /things */
  path?: string;
  /** Its parameters, in YAML of one line. */
  parameters?: string;
  /** More members of it. */
  more?: string;
  /** The line that the message names contains this. */
  line: string;
  says: RegExp;
}

const id = '{ name: id, in: path, required: true, example: 1, schema: { type: integer } }';

export const contractRefusals: ContractRefusal[] = [
  {
    what: 'a cookie parameter',
    parameters: '[{ name: a, in: cookie, schema: { type: string } }]',
    line: 'in: cookie',
    says: /cookie parameter "a" is not supported\. Use a header parameter/,
  },
  {
    what: 'a parameter with content',
    parameters: '[{ name: a, in: query, content: {} }]',
    line: 'content: {}',
    says: /query parameter "a" has no schema\. Give it "schema"/,
  },
  {
    what: 'a parameter with a name that no pointer has',
    parameters: '[{ name: "a/b", in: query, schema: { type: string } }]',
    line: 'a/b',
    says: /has a name that is not supported\. Use letters/,
  },
  {
    what: 'the header Authorization',
    parameters: '[{ name: Authorization, in: header, schema: { type: string } }]',
    line: 'Authorization',
    says: /is ignored by OpenAPI\. Remove it/,
  },
  {
    what: 'an object',
    parameters: '[{ name: a, in: query, schema: { type: object } }]',
    line: 'type: object',
    says: /has the type object, which is not supported\. Use string/,
  },
  {
    what: 'an array of arrays',
    parameters: '[{ name: a, in: query, schema: { type: array, items: { type: array, items: {} } } }]',
    line: 'type: array',
    says: /has items of the type array/,
  },
  {
    what: 'a schema of several types',
    parameters: '[{ name: a, in: query, schema: { oneOf: [{ type: string }] } }]',
    line: 'oneOf',
    says: /has "oneOf", for which a text has no conversion\. Give it one type/,
  },
  {
    what: 'a nullable parameter',
    parameters: '[{ name: a, in: query, schema: { type: string, nullable: true } }]',
    line: 'nullable',
    says: /has "nullable"/,
  },
  {
    what: 'the style deepObject',
    parameters: '[{ name: a, in: query, style: deepObject, schema: { type: string } }]',
    line: 'deepObject',
    says: /has the style deepObject, which is not supported\. Use form, spaceDelimited, pipeDelimited/,
  },
  {
    what: 'the style label',
    path: '/things/{id}',
    parameters: `[${id.replace('in: path', 'in: path, style: label')}]`,
    line: 'label',
    says: /Use simple/,
  },
  {
    what: 'allowEmptyValue',
    parameters: '[{ name: a, in: query, allowEmptyValue: true, schema: { type: string } }]',
    line: 'allowEmptyValue',
    says: /has "allowEmptyValue", which is not supported\. Remove it/,
  },
  {
    what: 'a required parameter without an example',
    parameters: '[{ name: a, in: query, required: true, schema: { type: string } }]',
    line: 'name: a',
    says: /has no example\. Add "example"/,
  },
  {
    what: 'an unknown format',
    parameters: '[{ name: a, in: query, schema: { type: string, format: phone } }]',
    line: 'format: phone',
    says: /unknown format "phone"/,
  },
  {
    what: 'an optional path parameter',
    path: '/things/{id}',
    parameters: '[{ name: id, in: path, schema: { type: string } }]',
    line: 'name: id',
    says: /is not required\. Write "required: true"/,
  },
  {
    what: 'a path variable without a parameter',
    path: '/things/{id}',
    line: '/things/{id}:',
    says: /add the path parameter "id"/,
  },
  {
    what: 'a path parameter without a variable',
    parameters: `[${id}]`,
    line: '/things:',
    says: /\/things has no \{id\}\. Add it/,
  },
  {
    what: 'a variable that is part of a segment',
    path: '/things/{id}.json',
    parameters: `[${id}]`,
    line: '/things/{id}.json:',
    says: /as a whole segment only\. Split \{id\}\.json/,
  },
  {
    what: 'a variable twice',
    path: '/{id}/{id}',
    parameters: `[${id}]`,
    line: '/{id}/{id}:',
    says: /has \{id\} twice\. Rename one/,
  },
  {
    what: 'AWS’s notation of a greedy variable',
    path: '/things/{id+}',
    parameters: `[${id}]`,
    line: '/things/{id+}:',
    says: /write \{id\} and give its parameter "x-greedy: true"/,
  },
  {
    what: 'a greedy variable that is not last',
    path: '/{id}/things',
    parameters: `[${id.replace('in: path', 'in: path, x-greedy: true')}]`,
    line: '/{id}/things:',
    says: /as the last segment only\. Move \{id\} to the end/,
  },
  {
    what: 'a slash at the end of a path',
    path: '/things/',
    line: '/things/:',
    says: /takes no empty segment\. Remove a slash/,
  },
  {
    what: 'a path that is there already',
    path: '/feeling',
    more: 'post: { operationId: other, responses: {} }',
    line: '/feeling',
    says: /Map keys must be unique/,
  },
  {
    what: 'an operation for any method',
    more: 'x-amazon-apigateway-any-method: {}',
    line: 'any-method',
    says: /x-amazon-apigateway-any-method is not supported; use get, put/,
  },
  { what: 'TRACE', more: 'trace: {}', line: 'trace', says: /trace is not supported; use get, put/ },
  {
    what: 'an operationId twice',
    more: 'put: { operationId: feeling, responses: {} }',
    line: 'put:',
    says: /feeling is there twice\. Rename it/,
  },
  {
    what: 'an operationId that is no name',
    more: 'put: { operationId: a-b, responses: {} }',
    line: 'put:',
    says: /write a letter, then letters, digits and _/,
  },
  {
    what: 'a body that is optional',
    more: 'put: { operationId: a, requestBody: { content: {} }, responses: {} }',
    line: 'put:',
    says: /write true: the function responds with 400/,
  },
  {
    what: 'a body of another media type',
    more: 'put: { operationId: a, requestBody: { required: true, content: { text/plain: {} } }, responses: {} }',
    line: 'put:',
    says: /write application\/json, and no other media type|application\/json/,
  },
  {
    what: 'a body whose schema does not exist',
    more: 'put: { operationId: feeling_, requestBody: { required: true, content: { application/json: { schema: { $ref: "#/components/schemas/None" } } } }, responses: {} }',
    line: 'put:',
    says: /Can't resolve \$ref/,
  },
];
