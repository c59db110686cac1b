import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EventBuses } from '../event-sources/event-buses.ts';
import { OverloadedError } from '../http-server/body-budget.ts';
import { mayBeBrowser } from '../http-server/browser-guard.ts';
import { LocalServer } from '../http-server/local-server.ts';
import { BodyTooLargeError, endAfterRequest, readBody } from '../http-server/read-body.ts';
import type { QueueService } from '../queues/queue-service.ts';
import { snsOperations, sqsOperations } from '../queues/served-operations.ts';
import { StorageError } from '../storage/exclusive-database.ts';
import { ApiError, jsonError, queryError } from './api-error.ts';

/** A message was sent to a queue, a topic or an event bus, or a call of these services was refused. */
export interface AwsCallReport {
  event: 'aws-call';
  service: Service;
  operation: string;
  status: number;
  milliseconds: number;
  /** Why it was refused. */
  error?: string | undefined;
  requestId: string;
}

type Service = 'sqs' | 'sns' | 'events';

export interface AwsEndpointOptions {
  queues: QueueService;
  buses: EventBuses;
  /** Responds to a request of Lambda's API. */
  serveLambda(request: IncomingMessage, response: ServerResponse): void;
  report(event: AwsCallReport): void;
  /** The most bytes of bodies that it holds at a time. @default 256 MB */
  bodyBytes?: number | undefined;
}

/** The requests of all services but Lambda are smaller: SQS takes 1 MiB of messages. */
const limitBytes = 4 * 1024 * 1024;

/** Operations that change nothing which the template determines. */
const operations: Record<Service, ReadonlySet<string>> = {
  sqs: new Set(sqsOperations),
  sns: new Set(snsOperations),
  events: new Set(['PutEvents']),
};

/** fauxqs gives each error code a prefix that only some have (the trait awsQueryError of the model of SQS). */
const wrongPrefix =
  /^AWS\.SimpleQueueService\.(?!NonExistentQueue|EmptyBatchRequest|TooManyEntries|BatchEntryIds|BatchRequest|InvalidBatchEntryId|MessageNotInflight|PurgeQueue|Unsupported)/;

/** Calls that are reported. The polls of a consumer would hide everything else. */
const sends = new Set(['SendMessage', 'SendMessageBatch', 'Publish', 'PublishBatch', 'PutEvents']);

interface Call {
  service: Service;
  operation: string;
  headers: Record<string, string>;
  body: Buffer;
}

interface AwsResponse {
  status: number;
  headers: Record<string, string>;
  body: Buffer | string;
}

/**
 * The endpoint of all AWS services that are served here, for the AWS CLI, SDKs and functions: `AWS_ENDPOINT_URL`. A path
 * leads to Lambda; SQS and EventBridge are known by `X-Amz-Target` (AWS JSON 1.0 and 1.1), SNS by `Action` (AWS Query).
 */
export class AwsEndpoint {
  readonly server: LocalServer;
  private readonly options: AwsEndpointOptions;

  constructor(options: AwsEndpointOptions) {
    this.options = options;
    this.server = new LocalServer({ bodyBytes: options.bodyBytes }, (request, response) => {
      const isRoot = request.method === 'POST' && (request.url === '/' || request.url?.startsWith('/?'));
      if (isRoot) this.serve(request, response);
      else options.serveLambda(request, response);
    });
  }

  private async serve(request: IncomingMessage, serverResponse: ServerResponse): Promise<void> {
    const started = performance.now();
    const requestId = randomUUID();
    const isQuery = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
    let call: Call | undefined;
    const response = await this.callOf(request, serverResponse, isQuery)
      .then(async (one) => {
        call = one;
        // A stop waits for what is accepted now.
        if (sends.has(one.operation)) this.server.trackResponse(serverResponse);
        const answer = await this.respond(one);
        if (!this.server.bodies.hold(serverResponse, answer.body.length)) throw new OverloadedError();
        return answer;
      })
      .catch((error: unknown) => errorResponse(error, isQuery, requestId));
    if (!this.server.isOpen) serverResponse.shouldKeepAlive = false;
    serverResponse.writeHead(response.status, {
      ...response.headers,
      'x-amzn-requestid': requestId,
      'content-length': Buffer.byteLength(response.body),
    });
    endAfterRequest(request, serverResponse, response.body);
    const isRefused = response.status >= 400;
    if (!call || (!isRefused && !sends.has(call.operation))) return;
    const { service, operation } = call;
    this.options.report({
      event: 'aws-call',
      service,
      operation,
      status: response.status,
      milliseconds: performance.now() - started,
      error: isRefused ? String(response.body) : undefined,
      requestId,
    });
  }

  private async callOf(request: IncomingMessage, serverResponse: ServerResponse, isQuery: boolean): Promise<Call> {
    if (mayBeBrowser(request)) {
      throw new ApiError(
        403,
        'AccessDeniedException',
        'This endpoint is for programs on this machine, not for web pages.',
      );
    }
    const hold = (bytes: number) => this.server.bodies.hold(serverResponse, bytes);
    const body = await readBody(request, limitBytes, hold);
    const target = String(request.headers['x-amz-target'] ?? '');
    const [, prefix, operation = ''] = /^(AmazonSQS|AWSEvents)\.(\w+)$/.exec(target) ?? [];
    const headers = {
      'content-type': String(request.headers['content-type'] ?? ''),
      'x-amz-target': target,
      authorization: String(request.headers.authorization ?? ''),
      host: String(request.headers.host ?? ''),
    };
    if (prefix) return this.served({ service: prefix === 'AmazonSQS' ? 'sqs' : 'events', operation, headers, body });
    const form = isQuery ? new URLSearchParams(body.toString()) : undefined;
    const action = form?.get('Action') ?? '';
    // SNS has a version of its own; older clients of SQS use AWS Query too.
    if (form?.get('Version') === '2010-03-31') {
      return this.served({ service: 'sns', operation: action, headers, body });
    }
    if (form?.get('Version') === '2012-11-05') {
      throw unsupported(
        'SQS by AWS Query',
        'a client that uses AWS JSON: AWS CLI 2.13 or 1.29.2, an SDK of 2024 or later',
      );
    }
    throw unsupported(target || action || 'This request', servedOperations());
  }

  /** @throws {ApiError} when the operation, or the service, is not served. */
  private served(call: Call): Call {
    const { service, operation } = call;
    if (!operations[service].has(operation)) {
      throw unsupported(`${service} ${operation}`, [...operations[service]].join(', '));
    }
    const { queues, buses } = this.options;
    const exists = { sqs: queues.queues, sns: queues.topics, events: buses.models }[service].length > 0;
    if (exists) return call;
    const resource = { sqs: 'queue', sns: 'topic with a queue', events: 'event bus' }[service];
    throw new ApiError(400, 'UnknownOperationException', `The stack that is served here has no ${resource}.`);
  }

  private async respond({ service, headers, body }: Call): Promise<AwsResponse> {
    if (service === 'events') {
      const result = await this.options.buses.putEvents(body.toString());
      return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: JSON.stringify(result) };
    }
    const response = await this.options.queues.respond({ headers, body });
    const contentType = String(response.headers['content-type'] ?? '');
    const queryError = response.headers['x-amzn-query-error'];
    return {
      status: response.status,
      headers: {
        'content-type': contentType,
        ...(queryError !== undefined && { 'x-amzn-query-error': String(queryError).replace(wrongPrefix, '') }),
      },
      body: Buffer.from(response.body),
    };
  }
}

function unsupported(what: string, instead: string): ApiError {
  return new ApiError(400, 'UnknownOperationException', `${what} is not served on this machine. Use ${instead}.`);
}

function servedOperations(): string {
  return Object.entries(operations)
    .map(([service, names]) => `${service}: ${[...names].join(', ')}`)
    .join('; ');
}

function errorResponse(error: unknown, isQuery: boolean, requestId: string): AwsResponse {
  const known = apiErrorOf(error);
  return {
    status: known.status,
    headers: { 'content-type': isQuery ? 'text/xml' : 'application/x-amz-json-1.0', 'x-amzn-errortype': known.code },
    body: isQuery ? queryError(known, requestId) : jsonError(known),
  };
}

function apiErrorOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof StorageError) return new ApiError(500, 'InternalFailure', error.message);
  if (error instanceof BodyTooLargeError) return new ApiError(413, 'RequestEntityTooLarge', error.message);
  if (error instanceof OverloadedError) return new ApiError(503, 'ServiceUnavailable', 'Too many bytes at a time.');
  console.error(error);
  return new ApiError(500, 'InternalFailure', 'The local runtime failed; see its log.');
}
