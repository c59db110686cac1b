/** The ways in to an operation, each with a function of its own. */
export type Trigger = 'http' | 'direct';

/** The name of a function: readable, since people type it, and another for each stage. */
export function functionName(operationId: string, trigger: Trigger, stage: string): string {
  return `${operationId}-${trigger}-${stage}`;
}
