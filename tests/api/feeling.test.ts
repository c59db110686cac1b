import assert from 'node:assert/strict';
import { test } from 'node:test';
import { feelingOf } from '../../functions/feeling/feeling.ts';

test('0 is positive, whatever its sign', () => {
  assert.equal(feelingOf(0), 'positive');
  assert.equal(feelingOf(-0), 'positive');
});

test('1 is neutral', () => {
  assert.equal(feelingOf(1), 'neutral');
});

for (const emojiType of [2, 3, -1, -7, 0.5, 1.5, 1 + Number.EPSILON, Number.MIN_VALUE, Number.MAX_VALUE, 2 ** 53]) {
  test(`${emojiType} is negative`, () => {
    assert.equal(feelingOf(emojiType), 'negative');
  });
}
