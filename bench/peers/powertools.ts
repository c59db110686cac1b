import { BadRequestError, RequestValidationError, Router } from '@aws-lambda-powertools/event-handler/http';
import type { Context } from 'aws-lambda';
import { feelingOf, headers, problems, refused } from './feeling-log.ts';
import { request } from './zod-request.ts';

const app = new Router();

app.use(async ({ reqCtx, next }) => {
  await next();
  for (const [name, value] of Object.entries(headers)) reqCtx.res.headers.set(name, value);
});
const problem = (value: object) =>
  new Response(JSON.stringify(value), {
    status: 400,
    headers: { 'content-type': 'application/problem+json', ...headers },
  });
app.errorHandler(RequestValidationError, async () => problem(refused(problems.invalidBody)));
app.errorHandler(BadRequestError, async () => problem(refused(problems.notJson)));
app.post('/feeling', ({ valid }) => feelingOf(valid.req.body), { validation: { req: { body: request } } });

export const handler = (event: unknown, context: Context) => app.resolve(event, context);
