// JavaScript, because @middy/validator declares a validator to be an instance of Ajv, which it is not.
import middy from '@middy/core';
import httpErrorHandler from '@middy/http-error-handler';
import httpHeaderNormalizer from '@middy/http-header-normalizer';
import httpJsonBodyParser from '@middy/http-json-body-parser';
import httpResponseSerializer from '@middy/http-response-serializer';
import httpSecurityHeaders from '@middy/http-security-headers';
import validator from '@middy/validator';
import { feelingOf } from './feeling-log.ts';

/** @param eventSchema validates the event, its body parsed */
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
