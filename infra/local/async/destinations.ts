import { Destination, type QueuedRecord } from './destination.ts';
import type { QueueReport } from './event-reports.ts';
import type { Journal } from './journal.ts';

export interface DestinationsOptions {
  /** Writes records to a queue: all of them, or none. One that is there already is not written again. */
  write(queue: string, records: QueuedRecord[]): Promise<void>;
  report(event: QueueReport): void;
}

/** The queues of the template that get the records of asynchronous events. */
export class Destinations {
  private readonly options: DestinationsOptions;
  private readonly destinations = new Map<string, Destination>();

  constructor(options: DestinationsOptions) {
    this.options = options;
  }

  get all(): Destination[] {
    return [...this.destinations.values()];
  }

  named(name: string): Destination {
    const { write, report } = this.options;
    const known = this.destinations.get(name);
    if (known) return known;
    const unwritable = ({ message }: Error) => report({ event: 'queue-unwritable', queue: name, message });
    const destination = new Destination(name, (records) => write(name, records), unwritable);
    this.destinations.set(name, destination);
    return destination;
  }

  /**
   * Writes the records that an earlier run left in the journal. A crash may have come after one was written: it is not
   * written again while it is in its queue.
   */
  recover(journal: Journal): void {
    for (const { requestId, queue, record } of journal.unwrittenRecords()) {
      this.named(queue)
        .add({ id: requestId, body: record })
        .then(() => journal.remove(requestId));
    }
  }
}
