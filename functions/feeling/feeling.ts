import type { Feeling } from '../../shared/contract.ts';

/** Returns the feeling of an emoji: 0 is positive, 1 is neutral, every other number is negative. */
export function feelingOf(emojiType: number): Feeling {
  if (emojiType === 0) return 'positive';
  if (emojiType === 1) return 'neutral';
  return 'negative';
}
