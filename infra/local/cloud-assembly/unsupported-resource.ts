/** A part of the template that this runtime cannot serve as AWS does. */
export class UnsupportedResourceError extends Error {
  override readonly name = 'UnsupportedResourceError';
  /** The logical id of the resource. */
  readonly logicalId: string;

  /** @param reason what is not supported, and what to do about it */
  constructor(logicalId: string, reason: string) {
    super(`${logicalId}: ${reason}`);
    this.logicalId = logicalId;
  }
}
