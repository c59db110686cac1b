import type { ValidateFunction } from 'ajv';
import type { ValidationError } from './contract.ts';

/**
 * What the validator found wrong in the value that it was last given, each fault with a pointer to
 * the member, also when the member is missing. They say what the schema asks for and quote nothing
 * of the value.
 */
export function validationErrors({ errors }: ValidateFunction): ValidationError[] {
  return (errors ?? []).map(({ instancePath, keyword, params, message = 'is not valid' }) => ({
    pointer: `#${instancePath}${keyword === 'required' ? `/${params.missingProperty}` : ''}`,
    detail: message,
  }));
}
