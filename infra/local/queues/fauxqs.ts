/**
 * fauxqs (SQS and SNS) with queues that last. Its package exports neither its stores nor a way to change them, so this
 * loads their modules by their place. The work-arounds belong to this version, which package.json fixes: a test tells
 * when one of them is no longer needed.
 */
import { buildApp } from 'fauxqs';
import type { QueueDatabase, Receipt, StoredMessage } from './queue-database.ts';

/** The parts of fauxqs's SqsQueue that are used here. */
interface FauxqsQueue {
  readonly name: string;
  readonly url: string;
  attributes: Record<string, string>;
  messages: StoredMessage[];
  delayedMessages: StoredMessage[];
  inflightMessages: Map<string, Receipt & { message: StoredMessage }>;
  pollWaiters: unknown[];
  pollTimer: NodeJS.Timeout | undefined;
  fifoMessages: Map<string, StoredMessage[]>;
  fifoDelayed: Map<string, StoredMessage[]>;
  fifoLockedGroups: Map<string, number>;
  sequenceCounter: number;
  persistence: object | undefined;
  isFifo(): boolean;
  enqueue(message: StoredMessage): void;
  dequeue(...parameters: unknown[]): unknown[];
  deduplicationCache: { delete(id: string): void };
  recordDeduplication(id: string, messageId: string, sequenceNumber: string): void;
  deleteMessage(receiptHandle: string): boolean;
  changeVisibility(receiptHandle: string, seconds: number): void;
  processTimers(): void;
  startPollTimerIfNeeded(): void;
  cancelWaiters(): void;
}

interface FauxqsSqsStore {
  queues: Map<string, FauxqsQueue>;
  queuesByName: Map<string, FauxqsQueue>;
  queuesByArn: Map<string, FauxqsQueue>;
  allQueues(): IterableIterator<FauxqsQueue>;
  deleteQueue(url: string): boolean;
}

interface FauxqsSnsStore {
  topics: Map<string, { subscriptionArns: string[] }>;
  createTopic(name: string, attributes: object, tags: object, region: string): { arn: string };
  subscribe(topicArn: string, protocol: string, endpoint: string, attributes: Record<string, string>): unknown;
  deleteTopic(arn: string): boolean;
}

type QueueClass = new (name: string, url: string, arn: string, attributes: Record<string, string>) => FauxqsQueue;

/** Loads a module of fauxqs that its package does not export. */
const load = (path: string) => import(new URL(path, import.meta.resolve('fauxqs')).href);

/** The characters that SQS takes: those that fauxqs takes, and those beyond U+FFFF, such as most emoji. */
const invalidCharacter = String.raw`[^\x09\x0A\x0D\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]`;

export interface Fauxqs {
  app: ReturnType<typeof buildApp>;
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
  const [{ SqsStore, SqsQueue }, { SnsStore }, { S3Store }, { INVALID_MESSAGE_BODY_CHAR }, ...routers] =
    await Promise.all([
      load('./sqs/sqsStore.js'),
      load('./sns/snsStore.js'),
      load('./s3/s3Store.js'),
      load('./sqs/sqsTypes.js'),
      load('./sqs/sqsRouter.js'),
      load('./sns/snsRouter.js'),
    ]);
  // fauxqs lacks the flag u: it refuses emoji. All of its modules share this one object.
  const valid = new RegExp(invalidCharacter, 'u');
  INVALID_MESSAGE_BODY_CHAR.test = (text: string) => valid.test(text);

  for (const { SqsRouter, SnsRouter } of routers) inTransactions((SqsRouter ?? SnsRouter).prototype, database);
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
  const stores = { sqsStore: sqs, snsStore: sns, s3Store: new S3Store() };
  // Its stores are typed as the classes, which the package does not export.
  const app = buildApp({ logger: false, stores: stores as never });
  return { app, sqs: Object.assign(sqs, { addQueue }), sns, newMessage: (body) => SqsStore.createMessage(body) };
}

type Handler = (...parameters: unknown[]) => unknown;

/** Has a call write all of its messages in one transaction. One for each message would take twice the time. */
function inTransactions(router: { register(operation: string, handler: Handler): void }, database: QueueDatabase) {
  const { register } = router;
  router.register = function (operation, handler) {
    const inOne: Handler = (...parameters) => database.transaction(() => handler(...parameters));
    // It waits for messages. `dequeue` has a transaction of its own.
    register.call(this, operation, operation === 'ReceiveMessage' ? handler : inOne);
  };
}

function durableQueue(SqsQueue: QueueClass, database: QueueDatabase): QueueClass {
  return class DurableQueue extends SqsQueue {
    private isMoving = false;

    constructor(name: string, url: string, arn: string, attributes: Record<string, string>) {
      super(name, url, arn, attributes);
      // Sequence numbers grow over restarts too.
      this.sequenceCounter = Date.now() * 1000;
      for (const [message, receipt] of database.messagesOf(name)) this.restore(message, receipt);
      this.persistence = {
        insertMessage() {},
        updateQueueSequenceCounter() {},
        // fauxqs deletes a message, then adds it to the dead-letter queue: a crash in between would lose it.
        deleteMessage: (id: string) => this.isMoving || database.deleteMessage(id),
        deleteQueueMessages: (queue: string) => database.deleteQueueMessages(queue),
        updateMessageInflight: database.updateMessageInflight.bind(database),
        // fauxqs's own breaks here: it writes NULL to a column that takes none.
        updateMessageReady: (id: string) => database.updateMessageReady(id),
      };
    }

    override enqueue(message: StoredMessage): void {
      const held = database.insert(this.name, message);
      database.whenEnded((isWritten) => {
        if (!isWritten) return;
        super.enqueue(held);
        this.setTimer();
      });
    }

    override recordDeduplication(id: string, messageId: string, sequenceNumber: string): void {
      super.recordDeduplication(id, messageId, sequenceNumber);
      database.whenEnded((isWritten) => {
        // Its sender sends it again.
        if (!isWritten) this.deduplicationCache.delete(id);
      });
    }

    override deleteMessage(receiptHandle: string): boolean {
      const receipt = this.inflightMessages.get(receiptHandle);
      const isDeleted = super.deleteMessage(receiptHandle);
      database.whenEnded((isWritten) => {
        if (!isWritten && receipt) this.restore(receipt.message, receipt);
      });
      return isDeleted;
    }

    override dequeue(...parameters: unknown[]): unknown[] {
      this.isMoving = true;
      try {
        return database.transaction(() => super.dequeue(...parameters));
      } finally {
        this.isMoving = false;
        this.setTimer();
      }
    }

    override changeVisibility(receiptHandle: string, seconds: number): void {
      super.changeVisibility(receiptHandle, seconds);
      this.setTimer();
    }

    /** fauxqs looks 50 times a second whether a message has become visible. This waits until one does. */
    override startPollTimerIfNeeded(): void {
      this.setTimer();
    }

    private setTimer(): void {
      clearTimeout(this.pollTimer);
      this.pollTimer = undefined;
      if (this.pollWaiters.length === 0) return;
      const delayed = [...this.delayedMessages, ...[...this.fifoDelayed.values()].flat()];
      const times = [
        ...delayed.map(({ delayUntil = 0 }) => delayUntil),
        ...this.inflightMessages.values().map(({ visibilityDeadline }) => visibilityDeadline),
      ];
      const next = times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
      if (next === Number.POSITIVE_INFINITY) return;
      this.pollTimer = setTimeout(
        () => {
          this.processTimers();
          this.setTimer();
        },
        Math.max(1, next - Date.now()),
      );
    }

    private restore(message: StoredMessage, receipt: Receipt | undefined): void {
      const { messageGroupId: group = '' } = message;
      if (receipt && receipt.visibilityDeadline > Date.now()) {
        this.inflightMessages.set(receipt.receiptHandle, { ...receipt, message });
        if (group) this.fifoLockedGroups.set(group, (this.fifoLockedGroups.get(group) ?? 0) + 1);
        return;
      }
      const isDelayed = (message.delayUntil ?? 0) > Date.now();
      if (!this.isFifo()) (isDelayed ? this.delayedMessages : this.messages).push(message);
      else {
        const groups = isDelayed ? this.fifoDelayed : this.fifoMessages;
        const waiting = groups.get(group) ?? [];
        waiting.push(message);
        groups.set(group, waiting);
      }
    }
  };
}
