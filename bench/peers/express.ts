import { configure } from '@codegenie/serverless-express';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import express, { type ErrorRequestHandler } from 'express';
import { feelingOf, headers, problems, refused } from './feeling-log.ts';
import { errorsOf, request } from './zod-request.ts';

const app = express();
app.disable('x-powered-by').disable('etag');
app.use((_request, response, next) => {
  response.set(headers);
  next();
});
app.use(express.json({ limit: '6mb' }));
app.post('/feeling', ({ body }, response) => {
  const { success, data, error } = request.safeParse(body);
  if (success) response.json(feelingOf(data));
  else
    response
      .status(400)
      .type('application/problem+json')
      .json(refused({ ...problems.invalidBody, errors: errorsOf(error) }));
});
const onError: ErrorRequestHandler = (error, _request, response, next) => {
  if (!(error.statusCode < 500)) return next(error);
  const problem = error.statusCode === 415 ? problems.unsupportedMediaType : problems.notJson;
  response.status(problem.status).type('application/problem+json').json(refused(problem));
};
app.use(onError);

const serve = configure<APIGatewayProxyEventV2>({ app });

// Its own handler has a callback parameter, which Lambda rejects from Node.js 24.
export const handler = (event: APIGatewayProxyEventV2, context: Context) => serve(event, context, () => {});
