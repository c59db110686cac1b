/** A part of the template that this runtime cannot serve as AWS would. */
export class UnsupportedResourceError extends Error {
  override readonly name = 'UnsupportedResourceError';
  /** The resource, as the template names it. */
  readonly logicalId: string;

  /** @param reason what is in the way, and what to do about it */
  constructor(logicalId: string, reason: string) {
    super(`${logicalId}: ${reason}`);
    this.logicalId = logicalId;
  }
}
