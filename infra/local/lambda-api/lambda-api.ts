import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AsyncInvocation } from '../async/event-queue.ts';
import { functionArn, parseFunctionReference } from '../aws/arn.ts';
import { newTraceId } from '../aws/ids.ts';
import type { InvokeTarget } from '../cloud-assembly/stack-model.ts';
import { mayBeBrowser } from '../http-server/browser-guard.ts';
import { LocalServer } from '../http-server/local-server.ts';
import { failureOf } from '../lambda/function-error.ts';
import { ThrottledError } from '../lambda/function-pool.ts';
import type { Invocation, InvocationResult } from '../lambda/invocation.ts';
import { clientContextOf, invocationTypeOf, payloadOf } from './invoke-request.ts';
import { LambdaError } from './lambda-error.ts';
import { lambdaOperation } from './lambda-operations.ts';
import { logTail } from './log-tail.ts';

/** A call that the Lambda API has answered. */
export interface InvokeReport {
  event: 'invocation';
  operation: string;
  function: string;
  status: number;
  milliseconds: number;
  /** Whether an execution environment was started for it; absent where nothing was waited for. */
  cold?: boolean | undefined;
  /** What the function failed with, where it did. */
  error?: string | undefined;
  requestId: string;
}

export interface LambdaApiOptions {
  /** @throws {ThrottledError} when the function has as many invocations under way as it may. */
  invoke(invocation: Invocation): Promise<InvocationResult>;
  /**
   * Takes an event that nobody waits for.
   * @throws {ThrottledError} when there is nothing any more that could take it.
   */
  accept(invocation: AsyncInvocation): void;
  report(event: InvokeReport): void;
}

const invokePath = /^\/2015-03-31\/functions\/([^/]+)\/invocations\/?$/;
interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: Buffer | string;
}

interface Call {
  request: IncomingMessage;
  requestId: string;
  url: URL;
  record: InvokeReport;
}

/** The Invoke operation of the Lambda API on this machine, for the AWS CLI and SDK. */
export class LambdaApi {
  private targets: ReadonlyMap<string, InvokeTarget>;
  private readonly options: LambdaApiOptions;
  readonly server: LocalServer;

  /** @param callees by ARN */
  constructor(targets: ReadonlyMap<string, InvokeTarget>, options: LambdaApiOptions) {
    this.targets = targets;
    this.options = options;
    this.server = new LocalServer({}, (request, response) => {
      this.serve(request, response);
    });
  }

  /** Invokes others from now on. @param callees by ARN */
  replace(targets: ReadonlyMap<string, InvokeTarget>): void {
    this.targets = targets;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const started = performance.now();
    const requestId = randomUUID();
    const call: Call = {
      request,
      requestId,
      url: new URL(`http://127.0.0.1${request.url?.startsWith('/') ? request.url : '/'}`),
      record: {
        event: 'invocation',
        operation: request.method ?? '',
        function: request.url ?? '',
        requestId,
        status: 0,
        milliseconds: 0,
      },
    };
    const {
      status,
      headers,
      body = '',
    } = await this.answer(call, response).catch((error: unknown) => {
      // Where the caller went away in the middle of its request, there is nothing to tell.
      if (!(error instanceof LambdaError) && !request.destroyed) console.error(error);
      return errorResponse(error);
    });
    if (!this.server.isOpen) response.shouldKeepAlive = false;
    response.writeHead(status, {
      'content-type': 'application/json',
      'x-amzn-requestid': call.requestId,
      ...(status !== 204 && { 'content-length': Buffer.byteLength(body) }),
      ...headers,
    });
    response.end(body);
    this.options.report({ ...call.record, status, milliseconds: performance.now() - started });
  }

  private async answer(call: Call, response: ServerResponse): Promise<Answer> {
    const { request, url } = call;
    if (mayBeBrowser(request)) {
      throw LambdaError.accessDenied('This endpoint is for programs on this machine, not for web pages.');
    }
    const [, encodedName = ''] = invokePath.exec(url.pathname) ?? [];
    if (request.method !== 'POST' || !encodedName) throw await unsupported(request.method ?? '', url.pathname);

    call.record.function = decode(encodedName);
    call.record.operation = String(request.headers['x-amz-invocation-type'] ?? 'RequestResponse');
    const target = this.targetNamed(call.record.function, url.searchParams.get('Qualifier') ?? undefined);
    const type = invocationTypeOf(request);
    const payload = await payloadOf(request, type);
    if (type === 'DryRun') return { status: 204 };
    this.server.trackResponse(response);
    try {
      if (type !== 'Event') return await this.invoke(target, payload, call);
      this.options.accept({ target, requestId: call.requestId, payload });
      return { status: 202 };
    } catch (error) {
      throw error instanceof ThrottledError ? LambdaError.tooManyRequests(error.reason) : error;
    }
  }

  private async invoke(target: InvokeTarget, payload: string, call: Call): Promise<Answer> {
    const { request, requestId, record } = call;
    const traceId = newTraceId();
    const wantsReport = request.headers['x-amz-log-type'] === 'Tail';
    const clientContext = clientContextOf(request);
    const invocation = { target, requestId, payload, traceId, clientContext, wantsReport };
    const result = await this.options.invoke(invocation);
    record.cold = result.cold;
    if (result.failed) record.error = failureOf(result.payload);
    return {
      status: 200,
      headers: {
        'x-amz-executed-version': target.version,
        'x-amzn-trace-id': traceId,
        ...(result.failed && { 'x-amz-function-error': 'Unhandled' }),
        ...(result.report && { 'x-amz-log-result': logTail(target, requestId, result.report) }),
      },
      body: result.payload,
    };
  }

  private targetNamed(text: string, qualifierParameter: string | undefined): InvokeTarget {
    const reference = parseFunctionReference(text);
    if (!reference) throw LambdaError.invalidParameter(`${text} is not the name or the ARN of a function.`);
    const { name, qualifier = qualifierParameter } = reference;
    if (qualifierParameter !== undefined && qualifierParameter !== qualifier) {
      throw LambdaError.invalidParameter(
        'The derived qualifier from the function name does not match the specified qualifier.',
      );
    }
    const arn = functionArn({ name, qualifier });
    const target = this.targets.get(arn);
    if (!target) throw LambdaError.notFound(arn);
    return target;
  }
}

async function unsupported(method: string, path: string): Promise<LambdaError> {
  const operation = (await lambdaOperation(method, path)) ?? `${method} ${path}`;
  return LambdaError.unsupported(
    `${operation} is not served on this machine. Served is Invoke, with the invocation types RequestResponse, Event and DryRun.`,
  );
}

function errorResponse(error: unknown): Answer {
  const { status, name, body, headers } =
    error instanceof LambdaError ? error : LambdaError.service('The local runtime failed; see its log.');
  return { status, headers: { 'x-amzn-errortype': name, ...headers }, body: JSON.stringify(body) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
