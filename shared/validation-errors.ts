import type { ValidateFunction } from 'ajv';
import type { ValidationError } from './contract.ts';

/**
 * Returns the errors of the value that was validated last. Each has a pointer to the member, even if it is missing, and
 * says what the schema requires. None quotes the value.
 */
export function validationErrors({ errors }: ValidateFunction): ValidationError[] {
  return (errors ?? []).map(({ instancePath, keyword, params, message = 'is not valid' }) => ({
    pointer: `#${instancePath}${keyword === 'required' ? `/${params.missingProperty}` : ''}`,
    detail: message,
  }));
}
