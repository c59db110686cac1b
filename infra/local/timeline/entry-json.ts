/** The JSON of the timeline. The page reads it too: nothing here needs Node. */

/** A header: its name and its value. */
export type Header = [name: string, value: string];

/** A body as a reader gets it. */
export interface ShownBody {
  /** Undefined where the bytes are not UTF-8. */
  text?: string;
  base64?: string;
  /** How much of its end was not kept: bytes, or UTF-16 units of a text. */
  omitted?: number;
}

/** An entry in the list. Members that an entry does not have are absent. */
export interface EntrySummary {
  /** Of an HTTP request the header `apigw-requestid` of its response, else the request id of the invocation. */
  id: string;
  /** In the order of creation. Grows over restarts. */
  number: number;
  kind: 'http' | 'invoke' | 'event' | 'batch';
  /** When it began, in ISO 8601. */
  at: string;
  /** Of an HTTP request. */
  method?: string;
  path?: string;
  /** Of an invocation: its type. */
  operation?: string;
  function?: string;
  /** The request id of the invocation: that of the log. */
  requestId?: string;
  /** The HTTP status. */
  status?: number;
  /** Of an asynchronous event: those of its last attempt. */
  milliseconds?: number;
  cold?: boolean;
  error?: string;
  /** Of an asynchronous event: queued, throttled, retrying, or the condition that it ended with. */
  state?: string;
  attempts?: number;
  /** The time until the next attempt. */
  delayMs?: number;
  /** The queue that got its record, or that a batch is from. */
  queue?: string;
  /** Of a batch: its messages, and those that go back to the queue. */
  messages?: number;
  failedMessages?: number;
  /** Milliseconds after which the function ended, too late for the response. */
  lateAfter?: number;
  /** The entry that this one repeats. */
  replayOf?: string;
  failed: boolean;
}

/** Entries that are new or changed, from the oldest to the newest. */
export interface Changes {
  entries: EntrySummary[];
  /** The number of the oldest entry that is kept. */
  first: number;
  /** Where the next reading goes on: `?after=`. */
  next: number;
}

/** Shell commands that repeat an entry. One is absent where it does not apply, or where the text is too long for it. */
export interface Commands {
  curl?: string;
  aws?: string;
  npm?: string;
}

/** An entry in full. Credentials in the headers of a request, and in its event, are hidden. */
export interface EntryDetail extends EntrySummary {
  /** Of an HTTP request. */
  request?: { method: string; url: string; headers: Header[]; body?: ShownBody };
  /** The event as the function got it. */
  event?: ShownBody;
  clientContext?: string;
  /** The result of the function, or of its last attempt. */
  result?: ShownBody & { failed: boolean };
  /** The stack trace of a failed result: the frames of the function's own code, with places in the sources. */
  stack?: string[];
  response?: { status: number; headers: Header[]; body: ShownBody };
  /** The attempts of an asynchronous event. */
  tries?: { at: string; milliseconds: number; cold?: boolean; error?: string; throttled: boolean }[];
  /** What the function wrote, a line each, for a person. */
  log: string[];
  /** How many more lines it wrote. */
  logOmitted: number;
  commands: Commands;
  /** Why it cannot be sent again; absent where it can. */
  replayRefused?: string;
}
