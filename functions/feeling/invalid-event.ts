import type { ValidateFunction } from 'ajv';
import { validationErrors } from '../../shared/validation-errors.ts';

/**
 * An event that does not match the contract. Its name is the `errorType` by which callers tell it
 * from others: a Step Functions `Catch` can name it, and a `Retry` leave it out.
 */
export class InvalidEvent extends Error {
  // Both names: a minified class has lost its own, and Lambda's JSON logging tells that one.
  static override readonly name = 'InvalidEvent';
  override readonly name = 'InvalidEvent';

  /** @param validate the validator that has refused the event */
  constructor(validate: ValidateFunction) {
    super(
      validationErrors(validate)
        .map(({ pointer, detail }) => `${pointer} ${detail}`)
        .join('; '),
    );
  }
}
