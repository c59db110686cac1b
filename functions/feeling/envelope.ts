import type { SQSRecord } from 'aws-lambda';

/** What surrounds a request in a record of an event source. */
export interface Envelope {
  /** Names the record in the result of the function and in its answer. */
  id: string;
  /** The event source, such as `aws:sqs`. */
  source: string;
  /** The request as JSON. */
  text: string;
  /** The records with the same group are processed in their order. Undefined where order does not matter. */
  group: string | undefined;
}

/** How to read the records of each event source, by the name that Lambda gives it. */
const envelopes = new Map<string, (record: SQSRecord) => Omit<Envelope, 'source'>>([
  [
    'aws:sqs',
    ({ messageId, body, eventSourceARN, attributes: { MessageGroupId } }) => ({
      id: messageId,
      text: body,
      // A message of a standard queue may have a group too, without an order (docs: sqs-fair-queues).
      group: eventSourceARN.endsWith('.fifo') ? MessageGroupId : undefined,
    }),
  ],
]);

/** @throws {TypeError} for a record of a source that is not in the table */
export function envelopeOf(record: SQSRecord): Envelope {
  const source = record.eventSource;
  const open = envelopes.get(source);
  if (!open) throw new TypeError(`Records of ${source} have no line in functions/feeling/envelope.ts`);
  return { source, ...open(record) };
}
