import awsLambdaFastify from '@fastify/aws-lambda';
import fastify, { type FastifyError } from 'fastify';
import { feelingOf, headers, problems, refused } from './feeling-log.ts';

// By default Fastify coerces true to a number.
const app = fastify({ ajv: { customOptions: { coerceTypes: false } } });
app.addHook('onSend', async (_request, reply) => void reply.headers(headers));
app.setErrorHandler<FastifyError>((error, _request, reply) => {
  const { statusCode = 500, validation } = error;
  if (statusCode >= 500) throw error;
  const known = validation
    ? {
        ...problems.invalidBody,
        errors: validation.map(({ instancePath, message = '' }) => ({ pointer: `#${instancePath}`, detail: message })),
      }
    : statusCode === 415
      ? problems.unsupportedMediaType
      : problems.notJson;
  return reply.status(known.status).type('application/problem+json').send(refused(known));
});
app.post<{ Body: { emoji_type: number; message: string } }>(
  '/feeling',
  {
    schema: {
      body: {
        type: 'object',
        required: ['emoji_type', 'message'],
        properties: { emoji_type: { type: 'number' }, message: { type: 'string', maxLength: 65_536 } },
      },
      response: { 200: { type: 'object', properties: { feeling: { type: 'string' }, message: { type: 'string' } } } },
    },
  },
  async ({ body }) => feelingOf(body),
);

export const handler = awsLambdaFastify(app);
// Its documentation advises to get ready before the first invocation.
void app.ready();
