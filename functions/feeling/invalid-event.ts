import type { ValidationError } from '../../shared/contract.ts';

/**
 * An event that does not match the contract. The name is the `errorType` that callers see, so that a Step Functions
 * `Catch` can name it and a `Retry` can exclude it.
 */
export class InvalidEvent extends Error {
  // Both names: minifying removes the name of the class, which Lambda's JSON logging prints.
  static override readonly name = 'InvalidEvent';
  override readonly name = 'InvalidEvent';

  constructor(errors: ValidationError[]) {
    super(errors.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; '));
  }
}
