/** An operation of openapi.yaml without a function. */
export class MissingFunctionError extends Error {
  override readonly name = 'MissingFunctionError';

  /** @param entry the file of its handler */
  constructor(entry: string) {
    super(`openapi.yaml has an operation without a function (see CONTRIBUTING.md): create ${entry}`);
  }
}
