import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AsyncInvocation } from '../async/event-queue.ts';
import { account, type FunctionReference, functionArn, latest, region } from '../aws/arn.ts';
import { invocationTraceId } from '../aws/ids.ts';
import type { InvokeTarget } from '../cloud-assembly/stack-model.ts';
import { mayBeBrowser } from '../http-server/browser-guard.ts';
import type { LocalServer } from '../http-server/local-server.ts';
import { endAfterRequest } from '../http-server/read-body.ts';
import { failureOf } from '../lambda/function-error.ts';
import { ThrottledError } from '../lambda/function-pool.ts';
import type { Invocation, InvocationResult } from '../lambda/invocation.ts';
import { StorageError } from '../storage/exclusive-database.ts';
import { invocationTypeHeader, invokeParameters } from './invoke-parameters.ts';
import type { InvokeRecord, InvokeReport, LambdaResponse } from './invoke-record.ts';
import { clientContextOf, payloadOf } from './invoke-request.ts';
import { LambdaError } from './lambda-error.ts';
import { logTail } from './log-tail.ts';

export interface LambdaApiOptions {
  /** @throws {ThrottledError} when the function is at its concurrency limit. */
  invoke(invocation: Invocation): Promise<InvocationResult>;
  /**
   * Queues an asynchronous event.
   * @throws {ThrottledError} when the function is no longer served.
   * @throws {StorageError} when the event cannot be written to the disk.
   */
  accept(invocation: AsyncInvocation): Promise<void>;
  report(event: InvokeReport): void;
  /** Receives each call and its response in full. @default nobody does */
  record?: ((record: InvokeRecord) => void) | undefined;
  /**
   * Whether an ARN may have any region and account, such as that of the deployed function.
   * @default false: Lambda's own error for an ARN of another region or account
   */
  anyRegion?: boolean | undefined;
}

const invokePath = /^\/2015-03-31\/functions\/([^/]+)\/invocations\/?$/;

/** The response to a call, and the invocation that led to it. */
interface Outcome {
  response: LambdaResponse;
  invocation?: { cold: boolean; error?: string };
}

/** A call as it arrived. */
interface Call {
  request: IncomingMessage;
  serverResponse: ServerResponse;
  requestId: string;
  url: URL;
  /** The function as the caller names it; undefined where the call is not Invoke. */
  functionName: string | undefined;
  /** Set once the call has named a served function and a payload. */
  invocation?: Invocation;
  /** Set once the function has ended. */
  result?: InvocationResult;
}

/** The Invoke operation of the Lambda API, for the AWS CLI and SDKs. */
export class LambdaApi {
  private targets: ReadonlyMap<string, InvokeTarget>;
  private readonly options: LambdaApiOptions;
  private readonly server: LocalServer;

  /**
   * @param targets by ARN
   * @param server gives it requests
   */
  constructor(targets: ReadonlyMap<string, InvokeTarget>, server: LocalServer, options: LambdaApiOptions) {
    this.targets = targets;
    this.server = server;
    this.options = options;
  }

  /** Serves other invoke targets from now on. @param targets by ARN */
  replace(targets: ReadonlyMap<string, InvokeTarget>): void {
    this.targets = targets;
  }

  async serve(request: IncomingMessage, serverResponse: ServerResponse): Promise<void> {
    const started = performance.now();
    const requestId = randomUUID();
    const { method = '', url: target = '' } = request;
    const url = new URL(`http://127.0.0.1${target.startsWith('/') ? target : '/'}`);
    const functionName = method === 'POST' ? decode(invokePath.exec(url.pathname)?.[1]) : undefined;
    const call: Call = { request, serverResponse, requestId, url, functionName };
    const { response, invocation } = await this.respond(call).catch((error: unknown): Outcome => {
      // A client that closes the connection before it has sent its whole request is no error of this server.
      if (!(error instanceof LambdaError) && !request.destroyed) console.error(error);
      return { response: errorResponse(error) };
    });
    const hasRoom = this.server.bodies.hold(serverResponse, response.body?.length ?? 0);
    const sent = hasRoom ? response : errorResponse(LambdaError.tooManyRequests('ConcurrentInvocationLimitExceeded'));
    const { status, headers, body = '' } = sent;
    if (!this.server.isOpen) serverResponse.shouldKeepAlive = false;
    serverResponse.writeHead(status, {
      'content-type': 'application/json',
      'x-amzn-requestid': requestId,
      ...(status !== 204 && { 'content-length': Buffer.byteLength(body) }),
      ...headers,
    });
    endAfterRequest(request, serverResponse, body);
    const report: InvokeReport = {
      event: 'invocation',
      operation: functionName === undefined ? method : invocationTypeHeader(request),
      function: functionName ?? target,
      requestId,
      status,
      milliseconds: performance.now() - started,
      cold: invocation?.cold,
      error: invocation?.error,
    };
    this.options.report(report);
    this.options.record?.({
      record: 'invoke',
      report,
      response: sent,
      invocation: call.invocation,
      result: call.result,
    });
  }

  private async respond(call: Call): Promise<Outcome> {
    const { request, requestId, url, functionName } = call;
    if (mayBeBrowser(request)) {
      throw LambdaError.accessDenied('This endpoint is for programs on this machine, not for web pages.');
    }
    if (functionName === undefined) throw unsupported(request.method ?? '', url.pathname);

    const qualifier = url.searchParams.get('Qualifier') ?? undefined;
    const { reference, invocationType, hasLogTail } = invokeParameters(request, functionName, qualifier);
    const target = this.targetOf(reference);
    const hold = (bytes: number) => this.server.bodies.hold(call.serverResponse, bytes);
    const payload = await payloadOf(request, invocationType, hold);
    if (invocationType === 'DryRun') return { response: { status: 204 } };
    this.server.trackResponse(call.serverResponse);
    try {
      const traceId = invocationTraceId(request.headers['x-amzn-trace-id']);
      const invocation = { target, requestId, payload, traceId };
      call.invocation = invocation;
      if (invocationType !== 'Event') {
        const clientContext = clientContextOf(request);
        call.invocation = { ...invocation, clientContext };
        return await this.invoke(call, { ...invocation, clientContext, wantsReport: hasLogTail });
      }
      await this.options.accept(invocation);
      return { response: { status: 202, headers: { 'x-amzn-trace-id': traceId } } };
    } catch (error) {
      if (error instanceof StorageError) throw LambdaError.service(error.message);
      throw error instanceof ThrottledError ? LambdaError.tooManyRequests(error.reason) : error;
    }
  }

  private async invoke(call: Call, invocation: Invocation & { traceId: string }): Promise<Outcome> {
    const { target, requestId, traceId } = invocation;
    const result = await this.options.invoke(invocation);
    call.result = result;
    const response: LambdaResponse = {
      status: 200,
      headers: {
        'x-amz-executed-version': target.version,
        'x-amzn-trace-id': traceId,
        ...(result.failed && { 'x-amz-function-error': 'Unhandled' }),
        ...(result.report && { 'x-amz-log-result': logTail(target, requestId, result.report) }),
      },
      body: result.payload,
    };
    const { cold } = result;
    return { response, invocation: result.failed ? { cold, error: failureOf(result.payload) } : { cold } };
  }

  /** @throws {LambdaError} when no served function has this name, or its ARN is that of another region or account. */
  private targetOf(reference: FunctionReference): InvokeTarget {
    const { name, qualifier, region: namedRegion = region, account: namedAccount = account } = reference;
    if (!this.options.anyRegion) {
      if (namedRegion !== region) throw LambdaError.unreachableRegion(namedRegion, region);
      if (namedAccount !== account) {
        const arn = functionArn({ name, qualifier }).replace(account, namedAccount);
        throw LambdaError.notAuthorized(`arn:aws:iam::${account}:root`, arn);
      }
    }
    const target = this.targets.get(functionArn({ name, qualifier }));
    if (target) return target;
    throw LambdaError.notFound(functionArn({ name, qualifier: qualifier ?? latest }));
  }
}

function unsupported(method: string, path: string): LambdaError {
  return LambdaError.unsupported(
    `${method} ${path} is not served on this machine. Only Invoke is served: POST ` +
      '/2015-03-31/functions/NAME/invocations, with the invocation types RequestResponse, Event and DryRun.',
  );
}

function errorResponse(error: unknown): LambdaResponse {
  const { status, name, body, headers } =
    error instanceof LambdaError ? error : LambdaError.service('The local runtime failed; see its log.');
  return { status, headers: { 'x-amzn-errortype': name, ...headers }, body: JSON.stringify(body) };
}

function decode(text: string | undefined): string | undefined {
  try {
    return text && decodeURIComponent(text);
  } catch {
    return text;
  }
}
