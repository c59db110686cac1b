/**
 * Replaces `node:timers` in the bundle. `@middy/core` uses only `setTimeout`, but importing the real module also loads
 * `timers/promises`: one millisecond of every cold start.
 */
export const { setTimeout } = globalThis;
