import { join } from 'node:path';
import { DestinationFile } from './destination-file.ts';
import type { QueueReport } from './event-reports.ts';
import type { Journal } from './journal.ts';

/** The files that stand in for the queues of the template, in one folder. */
export class Destinations {
  private readonly directory: string;
  private readonly report: (event: QueueReport) => void;
  private readonly files = new Map<string, DestinationFile>();

  constructor(directory: string, report: (event: QueueReport) => void) {
    this.directory = directory;
    this.report = report;
  }

  get all(): DestinationFile[] {
    return [...this.files.values()];
  }

  /** Returns the file of a queue. */
  named(name: string): DestinationFile {
    const path = join(this.directory, `${name}.jsonl`);
    const unwritable = ({ message }: Error) => this.report({ event: 'queue-unwritable', path, message });
    const file = this.files.get(name) ?? new DestinationFile(path, unwritable);
    this.files.set(name, file);
    return file;
  }

  /** Writes the records that an earlier run left in the journal. */
  async recover(journal: Journal): Promise<void> {
    for (const { requestId, queue, record } of journal.unwrittenRecords()) {
      const file = this.named(queue);
      // A crash may have come after it was written. Payloads may have the id too.
      if (await file.has(`"requestContext":{"requestId":"${requestId}"`)) journal.remove(requestId);
      else file.add(record).then(() => journal.remove(requestId));
    }
  }
}
