import type { Operation } from './contract-document.ts';
import type { OperationParameter } from './operation-parameters.ts';

const places = ['path', 'query', 'header'] as const;

/** Returns the schema of the converted parameters of an operation: an object for each place that has some. */
export function parametersSchema(parameters: OperationParameter[]): object {
  const properties = Object.fromEntries(
    usedPlaces(parameters).map((place) => {
      const here = parameters.filter((parameter) => parameter.in === place);
      const required = here.flatMap((parameter) => (parameter.required ? parameter.name : []));
      return [
        place,
        {
          type: 'object',
          ...(required.length > 0 && { required }),
          properties: Object.fromEntries(here.map(({ name, schema }) => [name, schema])),
        },
      ];
    }),
  );
  return { type: 'object', properties };
}

/** Returns the code of a constant for each operation with parameters, such as `moodParameters`. */
export function generateParameters(operations: Operation[]): string {
  const constants = operations.flatMap(({ operationId, parameters }) => {
    if (parameters.length === 0) return [];
    const list = parameters.map(
      ({ required: _required, schema: _schema, isGreedy: _isGreedy, example: _example, ...kept }) => kept,
    );
    const types = usedPlaces(parameters).map((place) => `  ${place}: ${typeOf(operationId, place, parameters)};`);
    return `
export const ${operationId}Parameters: OperationParameters<{
${types.join('\n')}
}> = {
  list: ${JSON.stringify(list, null, 2)},
  validate: compiled${operationId}Parameters,
};
`;
  });
  return constants.join('');
}

function usedPlaces(parameters: OperationParameter[]) {
  return places.filter((place) => parameters.some((parameter) => parameter.in === place));
}

/** Returns the TypeScript type of the parameters in a place. Those with a default always have a value. */
function typeOf(operationId: string, place: string, parameters: OperationParameter[]): string {
  const type = `NonNullable<operations['${operationId}']['parameters']['${place}']>`;
  const withDefault = parameters.filter((parameter) => parameter.in === place && parameter.default !== undefined);
  if (withDefault.length === 0) return type;
  return `${type} & Required<Pick<${type}, ${withDefault.map(({ name }) => `'${name}'`).join(' | ')}>>`;
}
