import type { Trigger } from './function-name.ts';

/** A function of the stack, with the operation that it serves. */
export type DeployedFunction<Operation> = Operation & {
  trigger: Trigger;
  /** Its name without the stage, such as `feeling-http`. */
  name: string;
  /** The file of its handler, relative to the project. */
  entry: string;
};

/** Returns the functions that operations need: one for HTTP, and one for direct invocations where the contract has them. */
export function deployedFunctions<Operation extends { operationId: string; direct: boolean }>(
  operations: readonly Operation[],
): DeployedFunction<Operation>[] {
  return operations.flatMap((operation) => {
    const { operationId, direct } = operation;
    const triggers: Trigger[] = direct ? ['http', 'direct'] : ['http'];
    return triggers.map((trigger) => ({
      ...operation,
      trigger,
      name: `${operationId}-${trigger}`,
      entry: `functions/${operationId}/${trigger}.ts`,
    }));
  });
}
