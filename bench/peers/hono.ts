import { zValidator } from '@hono/zod-validator';
import { Hono } from 'hono';
import { handle } from 'hono/aws-lambda';
import { HTTPException } from 'hono/http-exception';
import { secureHeaders } from 'hono/secure-headers';
import { feelingOf, problems, refused } from './feeling-log.ts';
import { errorsOf, request } from './zod-request.ts';

const app = new Hono();
app.use(secureHeaders());
app.use(async (c, next) => {
  await next();
  c.header('cache-control', 'no-store');
});
app.onError((error, c) => {
  if (!(error instanceof HTTPException)) throw error;
  return c.json(refused(problems.notJson), 400, { 'content-type': 'application/problem+json' });
});
app.post(
  '/feeling',
  zValidator('json', request, (result, c) => {
    if (result.success) return;
    const problem = refused({ ...problems.invalidBody, errors: errorsOf(result.error) });
    return c.json(problem, 400, { 'content-type': 'application/problem+json' });
  }),
  (c) => c.json(feelingOf(c.req.valid('json'))),
);

export const handler = handle(app);
