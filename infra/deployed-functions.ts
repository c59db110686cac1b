import type { Trigger } from './function-name.ts';

/** A function of the stack, with the operation that it serves. */
export type DeployedFunction<Operation> = Operation & {
  trigger: Trigger;
  /** Its name without the stage, such as `feeling-http`. */
  name: string;
  /** The file of its handler, relative to the project. */
  entry: string;
};

/**
 * Returns the functions that operations need: one for HTTP, one for direct invocations and one for records where the
 * contract has them.
 * @param sources the event sources of the stage; without any there is no function for records
 */
export function deployedFunctions<Operation extends { operationId: string; direct: boolean; records: boolean }>(
  operations: readonly Operation[],
  sources: readonly string[],
): DeployedFunction<Operation>[] {
  return operations.flatMap((operation) => {
    const { operationId, direct, records } = operation;
    const triggers: Trigger[] = ['http'];
    if (direct) triggers.push('direct');
    if (records && sources.length > 0) triggers.push('records');
    return triggers.map((trigger) => ({
      ...operation,
      trigger,
      name: `${operationId}-${trigger}`,
      entry: `functions/${operationId}/${trigger}.ts`,
    }));
  });
}
