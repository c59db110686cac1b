/** An openapi.yaml that this project cannot read. The message names file, line and column. */
export class ContractError extends Error {
  override readonly name = 'ContractError';
}

/** Returns the error for a path in the document. */
export type ContractErrorFactory = (path: (string | number)[], reason: string, cause: unknown) => ContractError;
