import type { ValidateFunction } from 'ajv';
import { validationErrors } from '../../shared/validation-errors.ts';

/**
 * An event that does not match the contract. The name is the `errorType` that callers see, so that a Step Functions
 * `Catch` can name it and a `Retry` can exclude it.
 */
export class InvalidEvent extends Error {
  // Both names: minifying removes the name of the class, which Lambda's JSON logging prints.
  static override readonly name = 'InvalidEvent';
  override readonly name = 'InvalidEvent';

  /** @param validate the validator that rejected the event */
  constructor(validate: ValidateFunction) {
    super(
      validationErrors(validate)
        .map(({ pointer, detail }) => `${pointer} ${detail}`)
        .join('; '),
    );
  }
}
