import type { Assembly } from '../cloud-assembly/stack-model.ts';

export interface InspectOptions {
  /** The port of the first function's inspector; the next function has the next one. 0 for any free ports. */
  port: number;
  /** Whether a process waits for a debugger before it loads the function. */
  waits: boolean;
}

/** A day: a person at a breakpoint takes no longer. */
const timeoutMs = 86_400_000;

/** Gives each function an inspector, and takes away the timeouts of functions and routes. */
export function makeInspectable({ functions, api }: Assembly, { port, waits }: InspectOptions): void {
  for (const [index, fn] of functions.entries()) {
    Object.assign(fn, { inspector: { port: port && port + index, waits }, timeoutMs });
  }
  for (const route of api.routes.values()) route.timeoutMs = timeoutMs;
}
