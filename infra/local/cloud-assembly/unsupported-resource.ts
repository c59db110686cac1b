/** A part of the template that this runtime cannot serve as AWS does. */
export class UnsupportedResourceError extends Error {
  override readonly name = 'UnsupportedResourceError';
  /** The logical id of the resource. */
  readonly logicalId: string;
  /** What is not supported, and what to do about it. */
  readonly reason: string;

  constructor(logicalId: string, reason: string) {
    super(`${logicalId}: ${reason}`);
    this.logicalId = logicalId;
    this.reason = reason;
  }
}
