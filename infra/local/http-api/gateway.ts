import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerOptions, ServerResponse } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { newRequestId } from '../aws/ids.ts';
import type { ApiModel, RouteModel } from '../cloud-assembly/stack-model.ts';
import { LocalServer } from '../http-server/local-server.ts';
import { BodyTooLargeError, readBody } from '../http-server/read-body.ts';
import { failureOf } from '../lambda/function-error.ts';
import { ThrottledError } from '../lambda/function-pool.ts';
import type { Invocation, InvocationResult } from '../lambda/invocation.ts';
import { preflightResponse, withCors } from './cors.ts';
import { functionResponse } from './function-response.ts';
import { gatewayResponses, type HttpResponse } from './gateway-response.ts';
import { type Jwt, JwtAuthorizer, NotAuthorizedError } from './jwt-authorizer.ts';
import { MalformedRequests } from './malformed-requests.ts';
import { parseTarget, type RequestTarget, requestEvent } from './request-event.ts';
import { sendResponse } from './send-answer.ts';
import { TokenBucket } from './token-bucket.ts';

/** A request that the API has answered. */
export interface RequestReport {
  event: 'request';
  method: string;
  path: string;
  status: number;
  milliseconds: number;
  /** Whether an execution environment was started for it; absent where no function was invoked. */
  cold?: boolean | undefined;
  /** What the function failed with, where it did. The client is not told. */
  error?: string | undefined;
  /** Of the invocation, where a function was invoked. */
  requestId?: string | undefined;
}

/** An invocation that ended after its request had been answered without it. */
export interface LateReport {
  event: 'late';
  function: string;
  requestId: string;
  /** Since the request came. */
  milliseconds: number;
  error?: string | undefined;
}

export interface GatewayOptions {
  /** @throws {ThrottledError} when the function has as many invocations under way as it may. */
  invoke(invocation: Invocation): Promise<InvocationResult>;
  /** Throttles an invocation that waits for others to end; one that runs goes on. */
  cancelQueued(invocation: Invocation): void;
  report(event: RequestReport | LateReport): void;
  /** How long a client may take to send a request. @default five minutes, of which the headers may take one */
  requestTimeoutMs?: number | undefined;
}

/** Quotas (docs: http-api-quotas, gettingstarted-limits), in bytes. */
const maxBody = 10 * 1024 * 1024;
const maxHeaders = 10_240;
const maxInvocationPayload = 6 * 1024 * 1024;

/** API Gateway (HTTP API) on this machine: an HTTP request in, an event to the function, an HTTP answer out. */
export class Gateway {
  private readonly options: GatewayOptions;
  private api: ApiModel;
  private buckets: ReadonlyMap<string, TokenBucket>;
  /** By the JSON of what they ask for: routes that ask for the same share its keys. */
  private readonly authorizers = new Map<string, JwtAuthorizer>();
  readonly server: LocalServer;

  constructor(api: ApiModel, options: GatewayOptions) {
    this.api = api;
    this.options = options;
    this.buckets = bucketsFor(api);
    const { requestTimeoutMs: requestTimeout = 300_000 } = options;
    const serverOptions: ServerOptions = {
      // Larger than the quota, so that most of what exceeds it is answered like any other request.
      maxHeaderSize: 4 * maxHeaders,
      requireHostHeader: false,
      requestTimeout,
      headersTimeout: Math.min(60_000, requestTimeout),
      connectionsCheckingInterval: Math.min(30_000, requestTimeout),
    };
    const listener: RequestListener = (request, response) => {
      if (malformed.admit(request, response)) this.serve(request, response).catch(console.error);
    };
    this.server = new LocalServer(serverOptions, listener);
    this.server.http.on('checkExpectation', listener);
    const malformed = new MalformedRequests(this.server.http, Math.min(30_000, requestTimeout));
  }

  /** Serves another API from now on. A request that has come is answered by what it was aimed at, if that is there. */
  replace(api: ApiModel): void {
    this.api = api;
    this.buckets = bucketsFor(api, this.buckets);
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { api } = this;
    const exchange: Exchange = {
      api,
      request,
      response,
      startedAt: performance.now(),
      requestId: newRequestId(),
      target: parseTarget(request.url ?? '/'),
    };
    let answer = await this.answer(exchange).catch((error: unknown) => {
      // Not an answer of AWS's: a fault of this gateway, which goes on serving.
      if (!request.destroyed) console.error(error);
      return gatewayResponses.internalError;
    });
    // The client has gone in the middle of its request: there is nobody to answer.
    if (request.destroyed && !request.complete) return;
    const { cors } = api;
    if (cors && request.method !== 'OPTIONS') answer = withCors(answer, cors, request.headers.origin);
    sendResponse(response, answer, exchange.requestId, response.shouldKeepAlive && this.server.isOpen);
    this.options.report({
      event: 'request',
      method: request.method ?? '',
      path: exchange.target.path,
      status: answer.status,
      milliseconds: performance.now() - exchange.startedAt,
      cold: exchange.cold,
      error: exchange.error,
      requestId: exchange.invocationId,
    });
  }

  /** The steps of a request, until one of them has the answer. */
  private async answer(exchange: Exchange): Promise<HttpResponse> {
    const { api, request, target } = exchange;
    if (headerBytes(request) > maxHeaders) return gatewayResponses.headersTooLarge;
    if (request.method === 'OPTIONS' && api.cors) {
      return preflightResponse(api.cors, request.headers.origin, request.headers['access-control-request-method']);
    }
    const route = api.routes.get(`${request.method} ${target.path}`);
    if (!route) return gatewayResponses.notFound;
    if (!this.buckets.get(route.key)?.take()) return gatewayResponses.tooManyRequests;

    try {
      const body = await readBody(request, maxBody);
      this.server.trackResponse(exchange.response);
      // Whether API Gateway throttles or authorizes first, and which of 413 and 401 wins, is not documented (?).
      const jwt = await this.authorize(route, request);
      return await this.integrate(route, exchange, { body, jwt });
    } catch (error) {
      if (error instanceof NotAuthorizedError) return error.answer;
      if (error instanceof BodyTooLargeError) return gatewayResponses.tooLarge;
      throw error;
    }
  }

  /** @throws {NotAuthorizedError} when the route needs a token that the request does not have. */
  private async authorize({ authorization }: RouteModel, { headers }: IncomingMessage): Promise<Jwt | undefined> {
    if (!authorization) return undefined;
    const { authorizer, scopes } = authorization;
    const key = JSON.stringify(authorizer);
    const jwtAuthorizer = this.authorizers.get(key) ?? new JwtAuthorizer(authorizer);
    this.authorizers.set(key, jwtAuthorizer);
    return jwtAuthorizer.authorize(headers.authorization, scopes);
  }

  /** Invokes the route's function and reads its result. */
  private async integrate(
    route: RouteModel,
    exchange: Exchange,
    more: { body: Buffer; jwt: Jwt | undefined },
  ): Promise<HttpResponse> {
    const event = requestEvent(exchange.api, route.key, { ...exchange, ...more });
    const payload = Buffer.from(JSON.stringify(event));
    if (payload.length > maxInvocationPayload) return gatewayResponses.tooLarge;

    const traceId = event.headers['x-amzn-trace-id'];
    const invocation = { target: route.target, requestId: randomUUID(), payload, ...(traceId && { traceId }) };
    exchange.invocationId = invocation.requestId;
    const { promise: timeout, resolve: timeOut } = Promise.withResolvers<undefined>();
    const timer = setTimeout(timeOut, route.timeoutMs, undefined);
    try {
      const running = this.options.invoke(invocation);
      const result = await Promise.race([running, timeout]);
      if (!result) {
        // Nobody waits for it any more, and whoever comes next is not to wait for it either.
        this.options.cancelQueued(invocation);
        this.tellOfEnd(running, invocation, exchange).catch(console.error);
        return gatewayResponses.unavailable;
      }
      exchange.cold = result.cold;
      if (!result.failed) return functionResponse(result.payload);
      exchange.error = failureOf(result.payload);
      return gatewayResponses.internalError;
    } catch (error) {
      // 500 or 503, unmeasured for an HTTP API (PLATFORM_FACTS 1.4): 503 says rightly that trying again may help.
      if (error instanceof ThrottledError) return gatewayResponses.unavailable;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Tells of the end of an invocation that nobody waits for any more. */
  private async tellOfEnd(
    running: Promise<InvocationResult>,
    { target, requestId }: Invocation,
    { startedAt }: Exchange,
  ): Promise<void> {
    const result = await running.catch((error: unknown) => {
      // It has not run at all.
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
  }
}

interface Exchange {
  api: ApiModel;
  request: IncomingMessage;
  response: ServerResponse;
  requestId: string;
  startedAt: number;
  target: RequestTarget;
  invocationId?: string;
  cold?: boolean;
  error?: string;
}

/** A bucket for each route; one whose throttle is as it was is as full as it was. */
function bucketsFor({ routes }: ApiModel, before: ReadonlyMap<string, TokenBucket> = new Map()) {
  const buckets = new Map<string, TokenBucket>();
  for (const { key, throttle } of routes.values()) {
    const bucket = before.get(key);
    buckets.set(key, bucket && isDeepStrictEqual(bucket.throttle, throttle) ? bucket : new TokenBucket(throttle));
  }
  return buckets;
}

/** The size of request line and headers, which the quota is on. */
function headerBytes({ method = '', url = '', rawHeaders }: IncomingMessage): number {
  let bytes = method.length + url.length + ' HTTP/1.1\r\n'.length + 1;
  // Each name is followed by ": ", each value by CR and LF.
  for (const text of rawHeaders) bytes += text.length + 2;
  return bytes;
}
