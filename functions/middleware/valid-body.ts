import type { MiddlewareObj } from '@middy/core';
import type { ValidateFunction } from 'ajv';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { validationErrors } from '../../shared/validation-errors.ts';
import { refuse } from './refuse.ts';

/** Validates `event.json` against the contract. Responds with 400 and every validation error if it does not match. */
export function validBody<T>(validate: ValidateFunction<T>): MiddlewareObj<APIGatewayProxyEventV2 & { json: T }> {
  return {
    before: function validateBody({ event }) {
      if (validate(event.json)) return;
      return refuse({
        type: '/problems/invalid-body',
        title: 'The body does not match the schema',
        status: 400,
        detail: 'Correct every member that is listed in "errors" and send the request again.',
        errors: validationErrors(validate),
      });
    },
  };
}
