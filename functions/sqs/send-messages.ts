import { AwsV4Signer } from 'aws4fetch';

/** Limits of a SendMessageBatch request: of its entries, and of all their bodies together (docs: API_SendMessageBatch). */
const maxEntries = 10;
const maxBytes = 1_048_576;

/** The members of a response to SendMessageBatch that matter here. A status of 200 does not say that all were sent. */
interface SendMessageBatchResult {
  Successful?: { Id: string }[];
  Failed?: { Id: string; Code: string }[];
}

/**
 * Sends messages to a queue, ten in a request, or fewer if they are large.
 * @param signal ends the requests that have no response yet
 * @returns for each message why SQS did not confirm it, as a code such as `ECONNREFUSED`; undefined for a confirmed one
 */
export async function sendMessages(
  queueUrl: string,
  bodies: string[],
  signal: AbortSignal,
): Promise<(string | undefined)[]> {
  const batches = batchesOf(bodies.map(withAllowedCharacters));
  return (await Promise.all(batches.map((batch) => sendBatch(queueUrl, batch, signal)))).flat();
}

/**
 * Returns JSON with every character that SQS refuses as an escape: U+FFFE and U+FFFF (docs: API_SendMessageBatch).
 * JSON.stringify escapes the others.
 */
function withAllowedCharacters(json: string): string {
  return json.replace(/[\ufffe\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
}

function batchesOf(bodies: string[]): string[][] {
  const batches: string[][] = [];
  let batch: string[] = [];
  let bytes = 0;
  for (const body of bodies) {
    const length = Buffer.byteLength(body);
    if (batch.length === 0 || batch.length === maxEntries || bytes + length > maxBytes) {
      batch = [];
      bytes = 0;
      batches.push(batch);
    }
    batch.push(body);
    bytes += length;
  }
  return batches;
}

async function sendBatch(queueUrl: string, bodies: string[], signal: AbortSignal): Promise<(string | undefined)[]> {
  // The index: ids are unique within a request, and a batch of records may have a message twice.
  const Entries = bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
  const request = JSON.stringify({ QueueUrl: queueUrl, Entries });
  try {
    const response = await requestTwice(queueUrl, request, signal);
    const text = await response.text();
    if (!response.ok) return bodies.map(() => codeOf(response.status, text));
    const { Successful = [], Failed = [] }: SendMessageBatchResult = JSON.parse(text);
    const confirmed = new Set(Successful.map(({ Id }) => Id));
    const codes = new Map(Failed.map(({ Id, Code }) => [Id, Code]));
    return Entries.map(({ Id }) => (confirmed.has(Id) ? undefined : (codes.get(Id) ?? 'NotConfirmed')));
  } catch (error) {
    return bodies.map(() => reasonOf(error));
  }
}

/**
 * Requests once more if SQS fails or the connection breaks. A connection that was kept open may be dead when Lambda
 * resumes the execution environment. A message may then be sent twice.
 */
async function requestTwice(queueUrl: string, body: string, signal: AbortSignal): Promise<Response> {
  try {
    const response = await request(queueUrl, body, signal);
    if (response.status < 500) return response;
  } catch (error) {
    if (signal.aborted) throw error;
  }
  return request(queueUrl, body, signal);
}

/** Requests SendMessageBatch by SQS's JSON protocol. Reads the credentials each time, because Lambda replaces them. */
async function request(queueUrl: string, body: string, signal: AbortSignal): Promise<Response> {
  const { env } = process;
  const signer = new AwsV4Signer({
    method: 'POST',
    // The variables of the AWS SDKs (docs: sdkref, feature-ss-endpoints).
    url: env['AWS_ENDPOINT_URL_SQS'] || env['AWS_ENDPOINT_URL'] || new URL(queueUrl).origin,
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.SendMessageBatch' },
    body,
    service: 'sqs',
    region: env['AWS_REGION'] ?? '',
    accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
    secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
    sessionToken: env['AWS_SESSION_TOKEN'] ?? '',
  });
  const { method, url, headers } = await signer.sign();
  return fetch(url, { method, headers, body, signal });
}

/** Returns the code of an error response, such as `AccessDenied`, or else its status. */
function codeOf(status: number, text: string): string {
  const [, code] = /"__type":\s*"(?:[\w.]+#)?(\w+)"/.exec(text) ?? [];
  return code ?? `HTTP ${status}`;
}

/** Returns the code of a failed connection, or the name of another error. Its message may quote a response. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error.name;
}
