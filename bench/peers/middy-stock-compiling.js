/** middy with its stock middlewares. Compiles the schema at start, as the validator's documentation does first. */
import { transpileSchema } from '@middy/validator/transpile';
import { stockMiddy } from './stock-middy.js';

export const handler = stockMiddy(
  transpileSchema(
    {
      type: 'object',
      required: ['body'],
      properties: {
        body: {
          type: 'object',
          required: ['emoji_type', 'message'],
          properties: { emoji_type: { type: 'number' }, message: { type: 'string', maxLength: 65_536 } },
        },
      },
    },
    // By default the validator coerces true to a number.
    { coerceTypes: false },
  ),
);
