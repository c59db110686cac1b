// JavaScript, because the types of @middy/validator require an instance of Ajv, not a function.
import middy from '@middy/core';
import httpErrorHandler from '@middy/http-error-handler';
import httpHeaderNormalizer from '@middy/http-header-normalizer';
import httpJsonBodyParser from '@middy/http-json-body-parser';
import httpResponseSerializer from '@middy/http-response-serializer';
import httpSecurityHeaders from '@middy/http-security-headers';
import validator from '@middy/validator';
import { feelingOf } from './feeling-log.ts';

/**
 * Returns a handler with middy's stock middlewares.
 * @param eventSchema validates the event with its parsed body
 */
export function stockMiddy(eventSchema) {
  return middy()
    .use(httpHeaderNormalizer())
    .use(httpSecurityHeaders())
    .use(
      httpResponseSerializer({
        serializers: [{ regex: /^application\/json$/, serializer: ({ body }) => JSON.stringify(body) }],
        defaultContentType: 'application/json',
      }),
    )
    .use(httpErrorHandler({ logger: ({ statusCode }) => console.info({ refused: statusCode }) }))
    .use(httpJsonBodyParser())
    .use(validator({ eventSchema }))
    .handler(async ({ body }) => ({
      statusCode: 200,
      headers: { 'cache-control': 'no-store' },
      body: feelingOf(body),
    }));
}
