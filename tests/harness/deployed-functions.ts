/** The functions that the contract asks for: tests that are about every function go over these. */
import { deployedFunctions as functionsFor } from '../../infra/deployed-functions.ts';
import { operations } from '../../shared/contract.ts';

/** Those of a stage without event sources. */
export const deployedFunctions = functionsFor(operations, []);

/** Those that answer requests over HTTP, one for each operation. */
export const httpFunctions = deployedFunctions.filter(({ trigger }) => trigger === 'http');

/** Those that answer direct invocations. */
export const directFunctions = deployedFunctions.filter(({ trigger }) => trigger === 'direct');

/** Those that answer records, in a stage with sources. */
export const recordsFunctions = functionsFor(operations, ['queue']).filter(({ trigger }) => trigger === 'records');

/** What the ids in the template begin with of whatever the stack calls so: `feelinghttp` for `feeling-http`. */
export function logicalId(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9]/g, '');
}
