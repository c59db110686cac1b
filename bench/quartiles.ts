export interface Quartiles {
  /** In the order of the rounds. */
  samples: number[];
  median: number;
  lower: number;
  upper: number;
}

/** @throws {RangeError} when there are no samples */
export function quartilesOf(samples: number[]): Quartiles {
  if (samples.length === 0) throw new RangeError('There are no samples.');
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share: number) => {
    const place = share * (sorted.length - 1);
    const below = sorted[Math.floor(place)] ?? 0;
    const above = sorted[Math.ceil(place)] ?? 0;
    // Both may be infinite.
    return below === above ? below : below + (above - below) * (place - Math.floor(place));
  };
  return { samples, median: at(0.5), lower: at(0.25), upper: at(0.75) };
}

/**
 * How many times one is the other: the median over the rounds, each compared with the same round of the
 * other, so that what disturbs a round disturbs both sides of a ratio.
 */
export function ratioOf(one: Quartiles, other: Quartiles): number {
  return quartilesOf(one.samples.map((sample, round) => sample / (other.samples[round] ?? other.median))).median;
}
