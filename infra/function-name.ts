/** The triggers of an operation, each with a function of its own. */
export type Trigger = 'http' | 'direct' | 'records';

/** Returns the name of a function. It is readable, since people type it, and differs between stages. */
export function functionName(operationId: string, trigger: Trigger, stage: string): string {
  return `${operationId}-${trigger}-${stage}`;
}
