import { JournalError } from '../async/journal-database.ts';
import { buildErrorOf, EditError } from '../watch/build-error.ts';

const otherPorts = 'PORT=3100 LAMBDA_PORT=3101 DOCS_PORT=3102 npm start';

/**
 * Returns what went wrong at the start and what to do about it, in a sentence.
 * @returns undefined for an error that nothing is known about
 */
export function errorMessage(error: Error): string | undefined {
  const { code, port, isInspector } = { code: undefined, port: undefined, isInspector: false, ...error };
  if (code === 'EADDRINUSE') {
    const others = isInspector ? 'INSPECT_PORT=9300 npm run dev -- --inspect' : otherPorts;
    return `Port ${port} is taken. Stop the program that uses it, or choose others: ${others}`;
  }
  if (code === 'EACCES' && port) return `Port ${port} is reserved for the system. Choose others: ${otherPorts}`;
  if (code === 'EMFILE' || code === 'ENFILE') return `${error.message}. Allow more open files: ulimit -n 1024`;
  if (error instanceof JournalError) return error.message;
  if (!(error instanceof EditError) && !isExpected(error)) return undefined;
  const { message, file, line, column } = buildErrorOf(error);
  return line === undefined ? message : `${file}:${line}:${column ?? 1}: ${message}`;
}

/** Whether the message of an error says what to do, and its stack trace would only hide that. */
function isExpected({ name }: Error): boolean {
  return ['ConfigurationError', 'ContractError', 'UnsupportedResourceError'].includes(name);
}
