import type { ValidateFunction } from 'ajv';

/** A parameter of an operation: where its text is in a request, and what the text becomes. */
export interface Parameter {
  in: 'path' | 'query' | 'header';
  name: string;
  /** Of the value, or of each item of an array. An integer is a number here: the validator knows more. */
  type: 'string' | 'number' | 'boolean';
  isArray?: boolean;
  /** How a query parameter separates its items; absent where the parameter is repeated for each of them. */
  style?: 'form' | 'spaceDelimited' | 'pipeDelimited';
  /** The value of a parameter that the request does not have. */
  default?: unknown;
}

/** The parameters of an operation, and the validator of their converted values. */
export interface OperationParameters<Values> {
  list: readonly Parameter[];
  validate: ValidateFunction<Values>;
}

/** The parts of a request that have parameters, as API Gateway's payload format 2.0 has them. */
export interface ParameterSource {
  /** Decoded. */
  pathParameters?: Record<string, string | undefined>;
  /** As sent. `queryStringParameters` joins repeated ones with commas. */
  rawQueryString: string;
  /** By name in lower case. */
  headers: Record<string, string | undefined>;
}
