import { ConfigurationError } from '../../configuration.ts';
import { ContractError } from '../../contract/contract-document.ts';
import { UnsupportedResourceError } from '../cloud-assembly/unsupported-resource.ts';

/** What went wrong when something was to be served, in words that say what to do. What nobody foresaw keeps its stack. */
export function errorMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof ConfigurationError || error instanceof ContractError) return error.message;
  if (error.message.startsWith('Failed to bundle asset')) {
    // The CDK's own words around esbuild's, which have file and line.
    return `A function cannot be bundled.\n${/Build failed.*/s.exec(error.message)?.[0] ?? error.message}`;
  }
  if (error instanceof UnsupportedResourceError) return `The stack cannot be served on this machine.\n${error.message}`;
  const { code, port } = { code: undefined, port: undefined, ...error };
  if (code === 'EADDRINUSE')
    return `Port ${port} is taken. Choose others: PORT=3100 LAMBDA_PORT=3101 DOCS_PORT=3102 npm start`;
  if (code === 'EACCES' && port) {
    return `Port ${port} is not for ordinary users. Choose others: PORT=3100 LAMBDA_PORT=3101 DOCS_PORT=3102 npm start`;
  }
  return error.stack ?? error.message;
}
