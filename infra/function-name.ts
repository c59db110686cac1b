/** The ways in to an operation, each with a function of its own. */
export type Door = 'http' | 'direct';

/** The name of a function: readable, since people type it, and another for each stage. */
export function functionName(operationId: string, door: Door, stage: string): string {
  return `${operationId}-${door}-${stage}`;
}
