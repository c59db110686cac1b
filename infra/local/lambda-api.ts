import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AsyncInvocation } from './async-invocations.ts';
import type { Invocation, InvocationResult } from './execution-environment.ts';
import { Throttled } from './function-pool.ts';
import { parseFunctionReference } from './function-reference.ts';
import { newTraceId } from './http-event.ts';
import { account, region } from './intrinsics.ts';
import { clientContextOf, invocationTypeOf, payloadOf } from './invoke-request.ts';
import { LambdaError } from './lambda-error.ts';
import { lambdaOperation } from './lambda-operations.ts';
import { LocalServer } from './local-server.ts';
import { logTail } from './log-tail.ts';
import type { ServedFunction } from './served-stack.ts';

/** What is known of a call once it is answered. */
export interface InvokeRecord {
  operation: string;
  function: string;
  status: number;
  milliseconds: number;
  /** Whether an execution environment was started for it; absent where nothing was waited for. */
  cold?: boolean | undefined;
  /** Whether the function failed. */
  failed?: boolean | undefined;
}

export interface LambdaApiOptions {
  /** @throws {Throttled} when the function has as many invocations under way as it may. */
  invoke(fn: ServedFunction, invocation: Invocation): Promise<InvocationResult>;
  /** Takes an event that nobody waits for. */
  accept(fn: ServedFunction, invocation: AsyncInvocation): void;
  access(record: InvokeRecord): void;
}

const invokePath = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;
interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: Buffer | string;
}

interface Call {
  request: IncomingMessage;
  requestId: string;
  url: URL;
  record: InvokeRecord;
}

/** The Invoke operation of the Lambda API on this machine, for the AWS CLI and SDK. */
export class LambdaApi {
  private readonly functions: ReadonlyMap<string, ServedFunction>;
  private readonly options: LambdaApiOptions;
  private readonly server: LocalServer;

  constructor(functions: ServedFunction[], options: LambdaApiOptions) {
    this.functions = new Map(functions.map((fn) => [fn.name, fn]));
    this.options = options;
    this.server = new LocalServer({}, (request, response) => {
      this.serve(request, response);
    });
  }

  /** Starts to answer on 127.0.0.1; see LocalServer. */
  listen(port: number): Promise<number> {
    return this.server.listen(port);
  }

  /** Waits until the calls that have reached a function are answered, and takes no more. */
  stop(): Promise<void> {
    return this.server.stop();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const started = performance.now();
    const call: Call = {
      request,
      requestId: randomUUID(),
      url: new URL(`http://127.0.0.1${request.url?.startsWith('/') ? request.url : '/'}`),
      record: { operation: request.method ?? '', function: request.url ?? '', status: 0, milliseconds: 0 },
    };
    const {
      status,
      headers,
      body = '',
    } = await this.answer(call, response).catch((error: unknown) => {
      // Where the caller went away in the middle of its request, there is nothing to tell.
      if (!(error instanceof LambdaError) && !request.destroyed) console.error(error);
      return errorAnswer(error);
    });
    if (!this.server.isOpen) response.shouldKeepAlive = false;
    response.writeHead(status, {
      'content-type': 'application/json',
      'x-amzn-requestid': call.requestId,
      ...(status !== 204 && { 'content-length': Buffer.byteLength(body) }),
      ...headers,
    });
    response.end(body);
    this.options.access({ ...call.record, status, milliseconds: performance.now() - started });
  }

  private async answer(call: Call, response: ServerResponse): Promise<Answer> {
    const { request, url } = call;
    refuseForeignPages(request);
    const [, encodedName = ''] = invokePath.exec(url.pathname) ?? [];
    if (request.method !== 'POST' || !encodedName) throw await unsupported(request.method ?? '', url.pathname);

    call.record.function = decode(encodedName);
    call.record.operation = String(request.headers['x-amz-invocation-type'] ?? 'RequestResponse');
    const fn = this.functionNamed(call.record.function, url.searchParams.get('Qualifier') ?? undefined);
    const type = invocationTypeOf(request);
    const payload = await payloadOf(request, type);
    if (type === 'DryRun') return { status: 204 };
    if (type === 'Event') {
      this.options.accept(fn, { requestId: call.requestId, payload });
      return { status: 202 };
    }
    this.server.owe(response);
    return this.invoke(fn, payload, call);
  }

  private async invoke(fn: ServedFunction, payload: string, call: Call): Promise<Answer> {
    const { request, requestId, record } = call;
    const traceId = newTraceId();
    const wantsReport = request.headers['x-amz-log-type'] === 'Tail';
    const clientContext = clientContextOf(request);
    const invocation = { requestId, payload, traceId, clientContext, wantsReport };
    const result = await this.options.invoke(fn, invocation).catch((error: unknown) => {
      throw error instanceof Throttled ? LambdaError.tooManyRequests(error.reason) : error;
    });
    record.cold = result.cold;
    record.failed = result.failed;
    return {
      status: 200,
      headers: {
        'x-amz-executed-version': '$LATEST',
        'x-amzn-trace-id': traceId,
        ...(result.failed && { 'x-amz-function-error': 'Unhandled' }),
        ...(result.report && { 'x-amz-log-result': logTail(fn, requestId, result.report) }),
      },
      body: result.payload,
    };
  }

  private functionNamed(text: string, qualifierParameter: string | undefined): ServedFunction {
    const reference = parseFunctionReference(text);
    if (!reference) throw LambdaError.invalidParameter(`${text} is not the name or the ARN of a function.`);
    const { name, qualifier = qualifierParameter } = reference;
    if (qualifierParameter !== undefined && qualifierParameter !== qualifier) {
      throw LambdaError.invalidParameter(
        'The derived qualifier from the function name does not match the specified qualifier.',
      );
    }
    const fn = this.functions.get(name);
    if (!fn || (qualifier !== undefined && qualifier !== '$LATEST')) {
      throw LambdaError.notFound(
        `arn:aws:lambda:${region}:${account}:function:${name}${qualifier === undefined ? '' : `:${qualifier}`}`,
      );
    }
    return fn;
  }
}

/**
 * A page of another site must not drive the functions of whoever looks at it: neither across origins,
 * nor by a name of its own that leads to 127.0.0.1. No AWS client is a browser, so none is kept out.
 */
function refuseForeignPages({ headers }: IncomingMessage): void {
  const host = headers.host?.replace(/:\d+$/, '');
  const isLocal = host === undefined || ['127.0.0.1', 'localhost', '[::1]'].includes(host);
  if (!isLocal || headers.origin !== undefined) {
    throw LambdaError.accessDenied('This endpoint is for programs on this machine, not for web pages.');
  }
}

async function unsupported(method: string, path: string): Promise<LambdaError> {
  const operation = (await lambdaOperation(method, path)) ?? `${method} ${path}`;
  return LambdaError.unsupported(
    `${operation} is not served on this machine. Served is Invoke, with the invocation types RequestResponse, Event and DryRun.`,
  );
}

function errorAnswer(error: unknown): Answer {
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
