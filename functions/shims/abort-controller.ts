/**
 * Takes the place of the global `AbortController` in the bundle. `@middy/core` makes one for each invocation, to tell
 * the handler of an early timeout; there is none here, so nobody listens. The real one is loaded when it is first used
 * and sets up an event target each time: a twentieth of a cold start and of a warm invocation.
 */
export class AbortController {
  readonly signal = undefined;
  abort(): void {}
}
