/** A time span in the description of a test stack. The CDK's Duration serves too, but takes half a second to load. */
export interface TimeSpan {
  toMilliseconds(): number;
}

export class Duration implements TimeSpan {
  private readonly milliseconds: number;

  static millis(count: number): Duration {
    return new Duration(count);
  }

  static seconds(count: number): Duration {
    return new Duration(1000 * count);
  }

  static minutes(count: number): Duration {
    return new Duration(60_000 * count);
  }

  static hours(count: number): Duration {
    return new Duration(3_600_000 * count);
  }

  private constructor(milliseconds: number) {
    this.milliseconds = milliseconds;
  }

  toMilliseconds(): number {
    return this.milliseconds;
  }
}
