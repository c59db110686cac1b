/**
 * fauxqs (SQS and SNS) with queues that last. Its package exports neither its stores nor a way to change them, so this
 * loads their modules by their place, without its server and its S3, which take most of the time to load it. The
 * work-arounds belong to this version, which package.json fixes: a test tells when one of them is no longer needed.
 */
import { durableQueue, type FauxqsQueue } from './durable-queue.ts';
import type { QueueDatabase, StoredMessage } from './queue-database.ts';
import { snsOperations, sqsOperations } from './served-operations.ts';
import type { WorkerRequest, WorkerResponse } from './worker-messages.ts';

interface FauxqsSqsStore {
  queues: Map<string, FauxqsQueue>;
  queuesByName: Map<string, FauxqsQueue>;
  queuesByArn: Map<string, FauxqsQueue>;
  allQueues(): IterableIterator<FauxqsQueue>;
  /** Ends the polls that wait. */
  shutdown(): void;
  deleteQueue(url: string): boolean;
}

interface FauxqsSnsStore {
  topics: Map<string, { subscriptionArns: string[] }>;
  createTopic(name: string, attributes: object, tags: object, region: string): { arn: string };
  subscribe(topicArn: string, protocol: string, endpoint: string, attributes: Record<string, string>): unknown;
  deleteTopic(arn: string): boolean;
}

type Handler = (...parameters: unknown[]) => unknown;

/** The parts of fauxqs's routers that are used here: they respond by a reply of Fastify. */
interface FauxqsRouter {
  register(operation: string, handler: Handler): void;
  handle(request: { headers: Record<string, string>; body: unknown }, reply: Reply): Promise<unknown>;
}

/** Loads a module of fauxqs that its package does not export. */
const load = (path: string) => import(new URL(path, import.meta.resolve('fauxqs')).href);

/** The characters that SQS takes: those that fauxqs takes, and those beyond U+FFFF, such as most emoji. */
const invalidCharacter = String.raw`[^\x09\x0A\x0D\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]`;

export interface Fauxqs {
  /** Returns the response to a request of SQS, or else of SNS. */
  respond(request: WorkerRequest): Promise<WorkerResponse>;
  sqs: FauxqsSqsStore & {
    /** Adds a queue, with the messages that it has on the disk. */
    addQueue(name: string, url: string, arn: string, attributes: Record<string, string>): FauxqsQueue;
  };
  sns: FauxqsSnsStore;
  /** Returns a message with a new id. */
  newMessage(body: string): StoredMessage;
}

/** Loads fauxqs, with all messages in a database. */
export async function loadFauxqs(database: QueueDatabase): Promise<Fauxqs> {
  const [{ SqsStore, SqsQueue }, { SqsRouter }, { SnsStore }, { SnsRouter }, { INVALID_MESSAGE_BODY_CHAR }] =
    await Promise.all([
      load('./sqs/sqsStore.js'),
      load('./sqs/sqsRouter.js'),
      load('./sns/snsStore.js'),
      load('./sns/snsRouter.js'),
      load('./sqs/sqsTypes.js'),
    ]);
  // fauxqs lacks the flag u: it refuses emoji. All of its modules share this one object.
  const valid = new RegExp(invalidCharacter, 'u');
  INVALID_MESSAGE_BODY_CHAR.test = (text: string) => valid.test(text);

  const DurableQueue = durableQueue(SqsQueue, database);
  const sqs: FauxqsSqsStore = new SqsStore();
  const sns: FauxqsSnsStore = new SnsStore();
  const addQueue: Fauxqs['sqs']['addQueue'] = (name, url, arn, attributes) => {
    const queue = new DurableQueue(name, url, arn, attributes);
    sqs.queues.set(url, queue);
    sqs.queuesByName.set(name, queue);
    sqs.queuesByArn.set(arn, queue);
    return queue;
  };
  const sqsModules = sqsOperations.map((operation) => `./sqs/actions/${handlerName(operation)}.js`);
  const snsModules = ['getTopicAttributes', 'listSubscriptions', 'listTopics', 'publish'];
  const sqsRouter: FauxqsRouter = new SqsRouter(sqs);
  const snsRouter: FauxqsRouter = new SnsRouter(sns, sqs);
  await register(sqsRouter, sqsOperations, sqsModules, database);
  await register(
    snsRouter,
    snsOperations,
    snsModules.map((name) => `./sns/actions/${name}.js`),
    database,
  );
  return {
    respond: (request) =>
      request.headers['x-amz-target'] ? respondJson(sqsRouter, request) : respondQuery(snsRouter, request),
    sqs: Object.assign(sqs, { addQueue }),
    sns,
    newMessage: (body) => SqsStore.createMessage(body),
  };
}

/** `sendMessage` for `SendMessage`. */
const handlerName = (operation: string) => operation.charAt(0).toLowerCase() + operation.slice(1);

/** Has each call write all of its messages in one transaction. One for each message would take twice the time. */
async function register(router: FauxqsRouter, operations: string[], paths: string[], database: QueueDatabase) {
  const handlers: Record<string, Handler> = Object.assign({}, ...(await Promise.all(paths.map(load))));
  for (const operation of operations) {
    const handler = handlers[handlerName(operation)];
    if (!handler) throw new Error(`fauxqs has no ${operation}.`);
    const inOne: Handler = (...parameters) => database.transaction(() => handler(...parameters));
    // It waits for messages. `dequeue` has a transaction of its own.
    router.register(operation, operation === 'ReceiveMessage' ? handler : inOne);
  }
}

/** What the routers know of a reply of Fastify. */
class Reply {
  statusCode = 200;
  readonly headers: Record<string, string> = {};

  status(code: number): void {
    this.statusCode = code;
  }

  header(name: string, value: string): void {
    this.headers[name] = value;
  }

  refuse(error: object): object {
    this.status(400);
    this.header('content-type', 'application/x-amz-json-1.0');
    return error;
  }
}

/** AWS JSON. */
async function respondJson(router: FauxqsRouter, { headers, body }: WorkerRequest): Promise<WorkerResponse> {
  const reply = new Reply();
  const parameters = parsed(body);
  const result = parameters
    ? await router.handle({ headers, body: parameters }, reply)
    : reply.refuse({
        __type: 'com.amazon.coral.service#SerializationException',
        message: 'The body is no JSON object.',
      });
  return { status: reply.statusCode, headers: reply.headers, body: Buffer.from(JSON.stringify(result)) };
}

/** AWS Query, whose responses are XML. */
async function respondQuery(router: FauxqsRouter, { headers, body }: WorkerRequest): Promise<WorkerResponse> {
  const reply = new Reply();
  const parameters = Object.fromEntries(new URLSearchParams(Buffer.from(body).toString()));
  const result = await router.handle({ headers, body: parameters }, reply);
  return { status: reply.statusCode, headers: reply.headers, body: Buffer.from(String(result)) };
}

function parsed(body: Uint8Array): object | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString());
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
