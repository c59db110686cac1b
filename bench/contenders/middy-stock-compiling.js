/** middy with its own middlewares, and the schema compiled at start, as the validator's documentation begins. */
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
    // Else true is a number.
    { coerceTypes: false },
  ),
);
