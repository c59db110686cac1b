import { StorageError } from '../storage/exclusive-database.ts';
import { buildErrorOf, EditError } from '../watch/build-error.ts';
import { otherPorts, TakenPortError } from './free-ports.ts';

/**
 * Returns what went wrong at the start and what to do about it, in a sentence.
 * @returns undefined for an error that nothing is known about
 */
export function errorMessage(error: Error): string | undefined {
  const { code, port } = { code: undefined, port: undefined, ...error };
  // Taken since they were checked.
  if (code === 'EADDRINUSE') return new TakenPortError(port, otherPorts).message;
  if (code === 'EACCES' && port) return `Port ${port} is reserved for the system. Choose others: ${otherPorts}`;
  if (code === 'EMFILE' || code === 'ENFILE') return `${error.message}. Allow more open files: ulimit -n 1024`;
  if (error instanceof StorageError || error instanceof TakenPortError) return error.message;
  if (!(error instanceof EditError) && !isExpected(error)) return undefined;
  const { message, file, line, column } = buildErrorOf(error);
  return line === undefined ? message : `${file}:${line}:${column ?? 1}: ${message}`;
}

/** Whether the message of an error says what to do, and its stack trace would only hide that. */
function isExpected({ name }: Error): boolean {
  return ['ConfigurationError', 'ContractError', 'UnsupportedResourceError', 'MissingFunctionError'].includes(name);
}
