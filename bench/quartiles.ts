export interface Quartiles {
  /** In the order of the rounds. */
  samples: number[];
  median: number;
  lower: number;
  upper: number;
}

/**
 * Returns median and quartiles of the samples, interpolated.
 * @throws {RangeError} if there are no samples
 */
export function quartilesOf(samples: number[]): Quartiles {
  if (samples.length === 0) throw new RangeError('There are no samples.');
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share: number) => {
    const place = share * (sorted.length - 1);
    const below = sorted[Math.floor(place)] ?? 0;
    const above = sorted[Math.ceil(place)] ?? 0;
    // Two infinite values would give NaN.
    return below === above ? below : below + (above - below) * (place - Math.floor(place));
  };
  return { samples, median: at(0.5), lower: at(0.25), upper: at(0.75) };
}

/**
 * Returns the median ratio over the rounds. Each sample is divided by the sample of the same round, so that other load
 * on the machine affects both.
 */
export function ratioOf(one: Quartiles, other: Quartiles): number {
  return quartilesOf(one.samples.map((sample, round) => sample / (other.samples[round] ?? other.median))).median;
}
