/** The functions that the contract asks for: tests that are about every function go over these. */
import type { Trigger } from '../../infra/function-name.ts';
import { operations } from '../../shared/contract.ts';

/** A function of the stack. */
export interface DeployedFunction {
  operationId: string;
  trigger: Trigger;
  /** Its name but for the stage, as in `feeling-http`. */
  name: string;
  method: string;
  path: string;
}

export const deployedFunctions = operations.flatMap(({ operationId, method, path, direct }): DeployedFunction[] => {
  const triggers: Trigger[] = direct ? ['http', 'direct'] : ['http'];
  return triggers.map((trigger) => ({ operationId, trigger, name: `${operationId}-${trigger}`, method, path }));
});

/** Those that answer requests over HTTP, one for each operation. */
export const httpFunctions = deployedFunctions.filter(({ trigger }) => trigger === 'http');

/** Those that answer direct invocations. */
export const directFunctions = deployedFunctions.filter(({ trigger }) => trigger === 'direct');

/** What the ids in the template begin with of whatever the stack calls so: `feelinghttp` for `feeling-http`. */
export function logicalId(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9]/g, '');
}
