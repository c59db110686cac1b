import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { QueueModel, TopicModel } from '../cloud-assembly/stack-model.ts';
import { StorageError } from '../storage/exclusive-database.ts';
import type {
  IdentifiedMessage,
  QueueResources,
  WorkerCall,
  WorkerMessage,
  WorkerRequest,
  WorkerResponse,
} from './worker-messages.ts';

/** The file of the queues was set aside. */
export interface QueueStorageReport {
  event: 'queues-failed';
  path: string;
  message: string;
}

export interface QueueServiceOptions {
  /** The folder of the file with the messages. */
  directory: string;
  /** Returns the URL of the AWS endpoint, which is the start of the URL of a queue. */
  endpoint(): string;
  report(event: QueueStorageReport): void;
}

type Call = WorkerCall extends infer Each ? (Each extends WorkerCall ? Omit<Each, 'id'> : never) : never;

/**
 * SQS and SNS on this machine, in a thread that starts when it is first needed. Messages last: they are on the disk, in
 * the folder of the journal, before their sender has its response.
 */
export class QueueService {
  readonly path: string;
  private readonly options: QueueServiceOptions;
  private resources: Omit<QueueResources, 'queues'> & { queues: QueueModel[] } = { queues: [], topics: [] };
  private starting: Promise<Worker> | undefined;
  private stopping: Promise<void> | undefined;
  private nextId = 0;
  private readonly calls = new Map<number, PromiseWithResolvers<unknown>>();

  constructor(options: QueueServiceOptions) {
    this.options = options;
    this.path = join(options.directory, 'queues.sqlite');
  }

  /** The queues of the template. */
  get queues(): readonly QueueModel[] {
    return this.resources.queues;
  }

  /** The topics of the template. */
  get topics(): readonly TopicModel[] {
    return this.resources.topics;
  }

  /** Serves these queues and topics from now on. */
  async configure(queues: QueueModel[], topics: TopicModel[]): Promise<void> {
    this.resources = { queues, topics };
    if (this.starting) await this.call({ kind: 'configure', resources: this.withUrls() });
  }

  /**
   * Returns the response of SQS or SNS.
   * @throws {StorageError} when the messages cannot be opened, or cannot be written.
   */
  async respond(request: WorkerRequest): Promise<WorkerResponse> {
    return (await this.call({ kind: 'request', request })) as WorkerResponse;
  }

  /**
   * Adds messages to a queue. One whose id the queue has is not added again.
   * @returns once they are on the disk
   * @throws {Error} when they cannot be written.
   */
  async add(queue: string, messages: IdentifiedMessage[]): Promise<void> {
    await this.call({ kind: 'add', queue, messages });
  }

  /** Ends the polls that wait, and the thread. */
  stop(): Promise<void> {
    this.stopping ??= this.end();
    return this.stopping;
  }

  private async end(): Promise<void> {
    const worker = await this.starting?.catch(() => undefined);
    if (!worker) return;
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    await this.call({ kind: 'stop' });
    await ended;
  }

  private async call(call: Call): Promise<unknown> {
    this.starting ??= this.start();
    return this.send(await this.starting, call);
  }

  private async start(): Promise<Worker> {
    if (this.stopping) throw new StorageError('The queues are shutting down.');
    const worker = new Worker(new URL('./queue-worker.ts', import.meta.url), { workerData: { path: this.path } });
    const ready = Promise.withResolvers<void>();
    worker.on('message', (message: WorkerMessage) => this.onMessage(message, ready));
    worker.on('error', (error) => this.onEnd(error, ready));
    worker.on('exit', () => this.onEnd(new StorageError('The queues have stopped.'), ready));
    await ready.promise;
    await this.send(worker, { kind: 'configure', resources: this.withUrls() });
    return worker;
  }

  private async send(worker: Worker, call: Call): Promise<unknown> {
    const id = this.nextId++;
    const result = Promise.withResolvers<unknown>();
    this.calls.set(id, result);
    // Only a call keeps the process alive, not the thread itself.
    worker.ref();
    worker.postMessage({ id, ...call });
    try {
      return await result.promise;
    } finally {
      // A stop waits for the end of the thread, too.
      if (this.calls.size === 0 && !this.stopping) worker.unref();
    }
  }

  private onMessage(message: WorkerMessage, ready: PromiseWithResolvers<void>): void {
    switch (message.kind) {
      case 'ready':
        ready.resolve();
        return;
      case 'unusable':
        ready.reject(new StorageError(message.message));
        return;
      case 'unreadable':
        this.options.report({ event: 'queues-failed', path: this.path, message: message.message });
        return;
    }
    const call = this.calls.get(message.id);
    this.calls.delete(message.id);
    if (message.kind === 'result') call?.resolve(message.result);
    else
      call?.reject(
        message.isStorage ? new StorageError(`${this.path}: ${message.message}`) : new Error(message.message),
      );
  }

  private onEnd(error: Error, ready: PromiseWithResolvers<void>): void {
    ready.reject(error);
    for (const call of this.calls.values()) call.reject(error);
    this.calls.clear();
    // The next call starts another one.
    this.starting = undefined;
  }

  private withUrls(): QueueResources {
    const url = (queue: QueueModel) => `${this.options.endpoint()}/${queue.arn.split(':')[4]}/${queue.name}`;
    const { queues, topics } = this.resources;
    return { queues: queues.map((queue) => ({ ...queue, url: url(queue) })), topics };
  }
}
