/** The contract as an oracle: whether an answer is one that openapi.yaml documents of an operation. It reads the document, not what is generated from it. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { z } from 'zod';
import { projectRoot } from '../../infra/project-root.ts';

const reference = z.object({ $ref: z.string() });
const header = z.object({ required: z.boolean().default(false), schema: z.unknown() });
const media = z.object({
  schema: z.unknown(),
  examples: z.record(z.string(), z.object({ value: z.unknown() })).default({}),
});
const answerShape = z.object({
  headers: z.record(z.string(), z.union([reference, header])).default({}),
  content: z.record(z.string(), media).default({}),
});
const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];
/** Of a path item, the operations: it may have parameters too. */
const operationsOf = (item: unknown) =>
  Object.fromEntries(Object.entries(Object(item)).filter(([key]) => methods.includes(key)));
const documentShape = z.looseObject({
  paths: z.record(
    z.string(),
    z.preprocess(
      operationsOf,
      z.record(
        z.string(),
        z.object({
          operationId: z.string(),
          'x-direct-invocation': z
            .object({ event: reference, result: reference, functionError: z.looseObject({}) })
            .optional(),
          'x-queue-messages': z.object({ request: reference, answer: z.looseObject({}) }).optional(),
          requestBody: z.object({ content: z.record(z.string(), media) }).optional(),
          responses: z.record(z.string(), z.union([reference, answerShape])),
        }),
      ),
    ),
  ),
  components: z.looseObject({
    responses: z.record(z.string(), answerShape),
    headers: z.record(z.string(), header),
    schemas: z.record(z.string(), z.looseObject({})),
  }),
});

/** An answer as it was seen. */
export interface SeenAnswer {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  text: string;
}

/** An answer that the contract documents: `400 application/problem+json`, and the names of its examples. */
export type DocumentedAnswer = string;

export class Contract {
  readonly document: z.infer<typeof documentShape>;
  private readonly operationId: string;
  /** Every documented answer that was seen, by `status media-type`. */
  readonly seen = new Set<DocumentedAnswer>();
  /** Every example of a response that was seen, word for word apart from the request id. */
  readonly seenExamples = new Set<string>();
  private readonly ajv = new Ajv({ allErrors: true, strict: false });

  /** @param operationId the operation whose responses are checked */
  static async read(operationId: string): Promise<Contract> {
    const text = await readFile(join(projectRoot, 'openapi.yaml'), 'utf8');
    return new Contract(documentShape.parse(parse(text)), operationId);
  }

  private constructor(document: Contract['document'], operationId: string) {
    this.document = document;
    this.operationId = operationId;
    this.ajv.addSchema({ $id: 'contract', components: closed(document.components) });
  }

  private get operation() {
    const operations = Object.values(this.document.paths).flatMap((item) => Object.values(item));
    const operation = operations.find(({ operationId }) => operationId === this.operationId);
    assert(operation, `openapi.yaml has no operation "${this.operationId}"`);
    return operation;
  }

  /** The examples of the JSON request body, by name. */
  get requestExamples(): Record<string, unknown> {
    const examples = this.operation.requestBody?.content['application/json']?.examples;
    assert(examples, `the operation "${this.operationId}" takes no JSON`);
    return mapValues(examples, ({ value }) => value);
  }

  /** Every answer that the operation documents, with the examples of it. */
  *documentedAnswers(): Generator<{ answer: DocumentedAnswer; examples: Record<string, unknown> }> {
    for (const [status, response] of Object.entries(this.operation.responses)) {
      for (const [type, { examples }] of Object.entries(this.resolve(response).content)) {
        yield { answer: `${status} ${type}`, examples: mapValues(examples, ({ value }) => value) };
      }
    }
  }

  /** @throws {AssertionError} unless status, media type, headers and body are as documented, and no member is more. */
  check({ status, headers, text }: SeenAnswer): void {
    const response = this.operation.responses[status];
    assert(response, `status ${status} is not documented`);
    const { headers: documentedHeaders, content } = this.resolve(response);

    const type = headers['content-type'] ?? '';
    const mediaType = content[type];
    assert(mediaType, `${status} with content-type "${type}" is not documented`);

    for (const [name, documented] of Object.entries(documentedHeaders)) {
      const { required, schema } = this.header(documented);
      const value = headers[name];
      assert(!required || value !== undefined, `${status} lacks the header ${name}`);
      if (value !== undefined) this.validate(schema, value, `header ${name}`);
    }

    const body: unknown = JSON.parse(text);
    this.validate(mediaType.schema, body, `body of ${status}`);
    this.seen.add(`${status} ${type}`);
    for (const [name, { value }] of Object.entries(mediaType.examples)) {
      if (same(value, body)) this.seenExamples.add(`${status} ${type} ${name}`);
    }
  }

  /** @throws {AssertionError} unless the payload of a direct invocation is as documented. */
  checkDirect(payload: string, failed: boolean): void {
    const direct = this.operation['x-direct-invocation'];
    assert(direct, `the operation "${this.operationId}" has no x-direct-invocation`);
    const { result, functionError } = direct;
    this.validate(failed ? functionError : result, JSON.parse(payload), failed ? 'function error' : 'result');
  }

  /** @throws {AssertionError} unless a message to the queue is as documented. It may have more members. */
  checkQueueRequest(body: string): void {
    const schema = this.queueMessages.request.$ref;
    const ajv = new Ajv({ strict: false }).addSchema({ $id: 'open', components: this.document.components });
    assert(ajv.validate({ $ref: `open${schema}` }, JSON.parse(body)), ajv.errorsText());
  }

  /** @throws {AssertionError} unless a message to the queue for answers is as documented, and no member is more. */
  checkQueueAnswer(body: string): void {
    this.validate(this.queueMessages.answer, JSON.parse(body), 'answer');
  }

  private get queueMessages() {
    const messages = this.operation['x-queue-messages'];
    assert(messages, `the operation "${this.operationId}" has no x-queue-messages`);
    return messages;
  }

  private validate(schema: unknown, value: unknown, what: string): void {
    assert(typeof schema === 'object' && schema !== null);
    const validate = this.ajv.compile(absolute(closed(schema)));
    assert(validate(value), `${what}: ${this.ajv.errorsText(validate.errors)}\n${JSON.stringify(value).slice(0, 500)}`);
  }

  private resolve(response: z.infer<typeof reference> | z.infer<typeof answerShape>): z.infer<typeof answerShape> {
    if (!('$ref' in response)) return response;
    const resolved = this.document.components.responses[response.$ref.replace('#/components/responses/', '')];
    assert(resolved, response.$ref);
    return resolved;
  }

  private header(documented: z.infer<typeof reference> | z.infer<typeof header>): z.infer<typeof header> {
    if (!('$ref' in documented)) return documented;
    const resolved = this.document.components.headers[documented.$ref.replace('#/components/headers/', '')];
    assert(resolved, documented.$ref);
    return resolved;
  }
}

/** The schema with every object in it closed: a member that is not documented is a fault. */
function closed(schema: object): object {
  return rewrite(schema, (node) => ('properties' in node ? { ...node, additionalProperties: false } : node));
}

/** The schema with its references made to lead into the contract. */
function absolute(schema: object): object {
  return rewrite(schema, (node) => ('$ref' in node ? { $ref: `contract${node.$ref}` } : node));
}

function rewrite(value: object, change: (node: object) => object): object {
  if (Array.isArray(value)) return value.map((item) => (isObject(item) ? rewrite(item, change) : item));
  return change(mapValues(value, (item) => (isObject(item) ? rewrite(item, change) : item)));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function mapValues<T, U>(record: Record<string, T> | object, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

/** Whether both are equal, apart from the request id, which each response has of its own. */
function same(example: unknown, body: unknown): boolean {
  const plain = (value: unknown) => JSON.stringify(value, (key, item) => (key === 'request_id' ? '' : item));
  return plain(example) === plain(body);
}
