/**
 * Takes the place of `node:timers` in the bundle. `@middy/core` wants `setTimeout` only, but importing the
 * real module reads its lazy exports too, and so loads `timers/promises`: a millisecond of every cold start.
 */
export const { setTimeout } = globalThis;
