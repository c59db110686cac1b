import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { invocationTraceId, newRequestId } from '../aws/ids.ts';
import type { ApiModel, RouteModel } from '../cloud-assembly/stack-model.ts';
import { OverloadedError } from '../http-server/body-budget.ts';
import { LocalServer, type LocalServerOptions } from '../http-server/local-server.ts';
import { BodyTooLargeError, readBody } from '../http-server/read-body.ts';
import { failureOf } from '../lambda/function-error.ts';
import { ThrottledError } from '../lambda/function-pool.ts';
import type { Invocation, InvocationResult } from '../lambda/invocation.ts';
import { corsResponse, noContent } from './cors.ts';
import { functionResponse } from './function-response.ts';
import { gatewayResponses, type HttpResponse, sendResponse } from './gateway-response.ts';
import type { HttpRecord, LateRecord, LateReport, RequestReport } from './http-record.ts';
import { NotAuthorizedError } from './jwt-authorizer.ts';
import { MalformedRequests } from './malformed-requests.ts';
import { headerBytes, parseTarget, type RequestTarget, requestEvent } from './request-event.ts';
import type { RouteMatch, RouteTable } from './route-table.ts';
import { servedRoutes } from './served-routes.ts';

export interface GatewayOptions {
  /** @throws {ThrottledError} when the function is at its concurrency limit. */
  invoke(invocation: Invocation): Promise<InvocationResult>;
  /** Drops an invocation that is still queued. One that has started goes on. */
  cancelQueued(invocation: Invocation): void;
  report(event: RequestReport | LateReport): void;
  /** Receives each request and its response in full. @default nobody does */
  record?: ((record: HttpRecord | LateRecord) => void) | undefined;
  /** How long a client may take to send a request. @default five minutes, at most one of them for the headers */
  requestTimeoutMs?: number | undefined;
  /** The most bytes of bodies that it holds at a time. More get 503. @default 256 MB */
  bodyBytes?: number | undefined;
}

/** Quotas in bytes (docs: http-api-quotas, gettingstarted-limits). */
const maxBody = 10 * 1024 * 1024;
const maxHeaders = 10_240;
const maxInvocationPayload = 6 * 1024 * 1024;

/** API Gateway (HTTP API) on this machine: turns an HTTP request into an event and a function's result into a response. */
export class Gateway {
  private readonly options: GatewayOptions;
  private api: ApiModel;
  private routes: RouteTable;
  readonly server: LocalServer;

  constructor(api: ApiModel, options: GatewayOptions) {
    this.api = api;
    this.options = options;
    this.routes = servedRoutes(api);
    const { requestTimeoutMs: requestTimeout = 300_000, bodyBytes } = options;
    const serverOptions: LocalServerOptions = {
      bodyBytes,
      // Larger than the quota: most requests above the quota then get an ordinary 431.
      maxHeaderSize: 4 * maxHeaders,
      requestTimeout,
      headersTimeout: Math.min(60_000, requestTimeout),
      connectionsCheckingInterval: Math.min(30_000, requestTimeout),
    };
    const listener: RequestListener = (request, response) => {
      if (malformed.admit(request, response)) this.serve(request, response).catch(console.error);
    };
    this.server = new LocalServer(serverOptions, listener, (request) => malformed.reject(request));
    // Serves a request whose Expect header Node does not know.
    this.server.http.on('checkExpectation', (...exchange) => this.server.http.emit('request', ...exchange));
    const malformed = new MalformedRequests(this.server.http, Math.min(30_000, requestTimeout));
  }

  /** Serves another API from now on. Requests in flight finish on the routes that they started with. */
  replace(api: ApiModel): void {
    this.api = api;
    this.routes = servedRoutes(api, this.routes);
  }

  private async serve(request: IncomingMessage, serverResponse: ServerResponse): Promise<void> {
    const { api, routes } = this;
    const exchange: Exchange = {
      api,
      routes,
      request,
      serverResponse,
      startedAt: performance.now(),
      requestId: newRequestId(),
      target: parseTarget(request.url ?? '/'),
    };
    const { response, invocation } = await this.respond(exchange).catch((error: unknown): Outcome => {
      // A bug of this gateway, which goes on serving.
      if (!request.destroyed) console.error(error);
      return { response: gatewayResponses.internalError };
    });
    // The client closed the connection before it had sent its whole request.
    if (request.destroyed && !request.complete) return;
    const hasRoom = this.server.bodies.hold(serverResponse, response.body.length);
    const given = hasRoom ? response : gatewayResponses.unavailable;
    const sent = api.cors ? corsResponse(api.cors, request, given) : given;
    sendResponse(
      request,
      serverResponse,
      sent,
      exchange.requestId,
      serverResponse.shouldKeepAlive && this.server.isOpen,
    );
    const report: RequestReport = {
      event: 'request',
      method: request.method ?? '',
      path: exchange.target?.path ?? request.url ?? '',
      status: sent.status,
      milliseconds: performance.now() - exchange.startedAt,
      cold: invocation?.cold,
      error: invocation?.error,
      requestId: invocation?.requestId,
    };
    this.options.report(report);
    this.options.record?.({
      record: 'http',
      report,
      gatewayRequestId: exchange.requestId,
      url: request.url ?? '',
      rawHeaders: request.rawHeaders,
      response: sent,
      invocation: exchange.invocation,
      result: exchange.result,
    });
  }

  /** Takes a request through the steps of the gateway, up to the first one that has a response. */
  private async respond(exchange: Exchange): Promise<Outcome> {
    const { api, routes, request, target } = exchange;
    if (headerBytes(request) > maxHeaders) return { response: gatewayResponses.headersTooLarge };
    if (!target) return { response: gatewayResponses.badRequest };
    const match = routes.match(request.method ?? '', target.path);
    // OPTIONS is a method as any other: a route for it, ANY and $default take it before CORS does (PLATFORM_FACTS 1.7).
    if (!match) {
      const isPreflight = request.method === 'OPTIONS' && api.cors;
      return { response: isPreflight ? noContent : gatewayResponses.notFound };
    }
    if (!match.route.bucket.take()) return { response: gatewayResponses.tooManyRequests };

    try {
      const invocation = await this.invocationOf(match, exchange, target);
      exchange.invocation = invocation;
      return await this.integrate(match.route.model, exchange, invocation);
    } catch (error) {
      if (error instanceof NotAuthorizedError) return { response: error.response };
      if (error instanceof BodyTooLargeError) return { response: gatewayResponses.tooLarge };
      if (error instanceof OverloadedError) return { response: gatewayResponses.unavailable };
      throw error;
    }
  }

  /**
   * Reads a request and returns its invocation. The payload is then the only copy of the body.
   * @throws {NotAuthorizedError}
   * @throws {BodyTooLargeError}
   * @throws {OverloadedError}
   */
  private async invocationOf(
    { route: { model, authorizer }, pathParameters }: RouteMatch,
    { api, request, serverResponse, requestId }: Exchange,
    target: RequestTarget,
  ): Promise<Invocation> {
    const body = await readBody(request, maxBody, (bytes) => this.server.bodies.hold(serverResponse, bytes));
    this.server.trackResponse(serverResponse);
    // AWS does not document whether throttling or authorization comes first, nor which of 413 and 401 wins (?).
    const jwt = await authorizer?.authorize(request.headers.authorization, model.authorization?.scopes ?? []);
    const event = requestEvent(api, model.key, { request, requestId, target, pathParameters, body, jwt });
    const payload = Buffer.from(JSON.stringify(event));
    if (payload.length > maxInvocationPayload) throw new BodyTooLargeError(payload.length);
    const traceId = invocationTraceId(event.headers['x-amzn-trace-id']);
    return { target: model.target, requestId: randomUUID(), payload, traceId };
  }

  /** Invokes the function of a route and turns its result into a response. */
  private async integrate(route: RouteModel, exchange: Exchange, invocation: Invocation): Promise<Outcome> {
    const { requestId } = invocation;
    const { promise: timeout, resolve: timeOut } = Promise.withResolvers<undefined>();
    const timer = setTimeout(timeOut, route.timeoutMs, undefined);
    try {
      const running = this.options.invoke(invocation);
      const result = await Promise.race([running, timeout]);
      if (!result) {
        // The client gets its 503 now. Drops the invocation if it is still queued.
        this.options.cancelQueued(invocation);
        this.reportLate(running, invocation, exchange).catch(console.error);
        return { response: gatewayResponses.unavailable, invocation: { requestId } };
      }
      exchange.result = result;
      const { cold } = result;
      if (!result.failed) return { response: functionResponse(result.payload), invocation: { requestId, cold } };
      const error = failureOf(result.payload);
      return { response: gatewayResponses.internalError, invocation: { requestId, cold, error } };
    } catch (error) {
      // 500 or 503: unmeasured for an HTTP API (PLATFORM_FACTS 1.4). 503 tells the client that a retry may help.
      if (error instanceof ThrottledError) {
        return { response: gatewayResponses.unavailable, invocation: { requestId } };
      }
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Reports the end of an invocation whose client already has its 503. */
  private async reportLate(
    running: Promise<InvocationResult>,
    { target, requestId }: Invocation,
    { startedAt }: Exchange,
  ): Promise<void> {
    const result = await running.catch((error: unknown) => {
      // It never started.
      if (!(error instanceof ThrottledError)) throw error;
    });
    if (!result) return;
    const { failed, payload } = result;
    this.options.report({
      event: 'late',
      function: target.function.name,
      requestId,
      milliseconds: performance.now() - startedAt,
      error: failed ? failureOf(payload) : undefined,
    });
    this.options.record?.({ record: 'late', requestId, result });
  }
}

/** A request, with the API as it was when the request arrived. */
interface Exchange {
  api: ApiModel;
  routes: RouteTable;
  request: IncomingMessage;
  serverResponse: ServerResponse;
  requestId: string;
  startedAt: number;
  /** Undefined where its path cannot be decoded. */
  target: RequestTarget | undefined;
  /** Set once the function is invoked. */
  invocation?: Invocation;
  /** Set once the function has ended in time. */
  result?: InvocationResult;
}

/** The response to a request, and the invocation that led to it. */
interface Outcome {
  response: HttpResponse;
  invocation?: { requestId: string; cold?: boolean; error?: string };
}
