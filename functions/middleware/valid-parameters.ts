import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { OperationParameters } from '../../shared/parameter-list.ts';
import { parameterValues } from '../../shared/parameter-values.ts';
import { refuse } from './refuse.ts';

/**
 * Converts the path, query and header parameters into `event.parameters`, as the contract says. Responds with 400 and
 * every validation error if one does not match.
 */
export function validParameters<Values>(
  parameters: OperationParameters<Values>,
): MiddlewareObj<APIGatewayProxyEventV2 & { parameters: Values }> {
  return {
    before: function validateParameters({ event }) {
      const { values, errors } = parameterValues(parameters, event);
      if (!errors) {
        event.parameters = values;
        return;
      }
      return refuse({
        type: '/problems/invalid-parameters',
        title: 'The parameters do not match the contract',
        status: 400,
        detail: 'Correct every parameter that is listed in "errors" and send the request again.',
        errors,
      });
    },
  };
}
