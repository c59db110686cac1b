/** The thread that serves SQS and SNS: the API is not slowed by it. `QueueService` talks to it. */
import { parentPort, workerData } from 'node:worker_threads';
import { region } from '../aws/arn.ts';
import { StorageError } from '../storage/exclusive-database.ts';
import { type Fauxqs, loadFauxqs } from './fauxqs.ts';
import { QueueDatabase, type StoredMessage } from './queue-database.ts';
import type { QueueResources, WorkerCall, WorkerMessage, WorkerRequest } from './worker-messages.ts';

const port = parentPort;
if (!port) throw new Error('This module is a worker thread of QueueService.');
const send = (message: WorkerMessage) => port.postMessage(message);

/** The requests that have no response yet. */
const responding = new Set<Promise<unknown>>();

const { path } = workerData as { path: string };
const database = await QueueDatabase.open(path, (message) => send({ kind: 'unreadable', message })).catch(
  (error: unknown) => {
    if (error instanceof StorageError) send({ kind: 'unusable', message: error.message });
    else throw error;
  },
);
if (database) {
  const fauxqs = await loadFauxqs(database);
  port.on('message', (call: WorkerCall) => serve(call, database, fauxqs));
  send({ kind: 'ready' });
}

async function serve(call: WorkerCall, database: QueueDatabase, fauxqs: Fauxqs): Promise<void> {
  try {
    send({ kind: 'result', id: call.id, result: await resultOf(call, database, fauxqs) });
    if (call.kind === 'stop') port?.close();
  } catch (error) {
    const isStorage = error instanceof Error && 'errcode' in error;
    send({ kind: 'failure', id: call.id, message: String(error), isStorage });
  }
}

function respond(request: WorkerRequest, { respond }: Fauxqs): Promise<unknown> {
  const response = respond(request).finally(() => responding.delete(response));
  responding.add(response);
  return response;
}

async function resultOf(call: WorkerCall, database: QueueDatabase, fauxqs: Fauxqs): Promise<unknown> {
  switch (call.kind) {
    case 'request':
      return respond(call.request, fauxqs);
    case 'configure':
      return configure(call.resources, fauxqs);
    case 'add':
      return add(call, database, fauxqs);
    case 'stop':
      // Ends the polls that wait.
      fauxqs.sqs.shutdown();
      await Promise.allSettled(responding);
      return database.close();
  }
}

/** Serves these queues and topics from now on. Messages of a queue that is no longer served stay on the disk. */
function configure({ queues, topics }: QueueResources, { sqs, sns }: Fauxqs): void {
  for (const queue of [...sqs.allQueues()]) {
    if (!queues.some(({ name }) => name === queue.name)) sqs.deleteQueue(queue.url);
  }
  for (const { name, url, arn, attributes } of queues) {
    const served = sqs.queuesByName.get(name) ?? sqs.addQueue(name, url, arn, attributes);
    Object.assign(served.attributes, attributes);
    if (!('RedrivePolicy' in attributes)) delete served.attributes['RedrivePolicy'];
  }
  for (const arn of [...sns.topics.keys()]) sns.deleteTopic(arn);
  for (const { name, subscriptions } of topics) {
    const { arn } = sns.createTopic(name, {}, {}, region);
    for (const { queueArn, attributes } of subscriptions) sns.subscribe(arn, 'sqs', queueArn, attributes);
  }
}

/** Adds messages whose ids the sender has chosen. One that is there already is not added again. */
function add(
  { queue: name, messages }: Extract<WorkerCall, { kind: 'add' }>,
  database: QueueDatabase,
  { sqs, newMessage }: Fauxqs,
): void {
  // A queue that is no longer in the template still gets the last records of its function.
  const queue = sqs.queuesByName.get(name);
  const insert = (message: StoredMessage) => (queue ? queue.enqueue(message) : database.insert(name, message));
  database.transaction(() => {
    for (const { id, body } of messages) if (!database.has(id)) insert({ ...newMessage(body), messageId: id });
  });
}
