import type { QueueDatabase, Receipt, StoredMessage } from './queue-database.ts';

/** The parts of fauxqs's SqsQueue that are used here. */
export interface FauxqsQueue {
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

export type QueueClass = new (
  name: string,
  url: string,
  arn: string,
  attributes: Record<string, string>,
) => FauxqsQueue;

/** Returns fauxqs's class of queues with all messages in a database. */
export function durableQueue(SqsQueue: QueueClass, database: QueueDatabase): QueueClass {
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
