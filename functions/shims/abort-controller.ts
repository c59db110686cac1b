/**
 * Replaces the global `AbortController` in the bundle. `@middy/core` creates one per invocation to signal an early
 * timeout, which is switched off here. Node loads the real one on first use, and each creates an event target: 5 % of a
 * cold start and of a warm invocation.
 */
export class AbortController {
  readonly signal = undefined;
  abort(): void {}
}
