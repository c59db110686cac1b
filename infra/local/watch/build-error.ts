import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { MissingFunctionError } from '../../missing-function-error.ts';
import { projectRoot } from '../../project-root.ts';

export type BuildError = z.infer<typeof buildErrorShape>;
/** What is wrong with the sources, in a sentence, and where. */
export const buildErrorShape = z.object({
  message: z.string(),
  /** Relative to the project. */
  file: z.string().optional(),
  line: z.number().optional(),
  column: z.number().optional(),
});

/** Sources that cannot be built. */
export class EditError extends Error {
  override readonly name = 'EditError';
  readonly details: BuildError;

  constructor(details: BuildError) {
    super(details.message);
    this.details = details;
  }
}

/**
 * Returns what is wrong with the sources, by the error that they led to: of esbuild, of the contract, of the
 * configuration, of the stack's own code, or of the template.
 */
export function buildErrorOf(error: unknown): BuildError {
  if (error instanceof EditError) return error.details;
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message } = error;
  if (name === 'MissingFunctionError') return { message };
  // A function that was removed since the synthesis.
  const [, missing] = /Could not resolve "(functions\/[^/"]+\/(?:http|direct)\.ts)"/.exec(message) ?? [];
  if (missing) return { message: new MissingFunctionError(missing).message };
  // esbuild and the contract say where. The CDK puts its own words around esbuild's.
  const [, file, line, column, reason] = /^([^\s:]+):(\d+):(\d+): (?:ERROR: )?(.+)$/m.exec(message) ?? [];
  if (file && reason) return { message: reason, file, line: Number(line), column: Number(column) };
  const [, unresolved] = /^error: (.+)$/m.exec(message) ?? [];
  if (unresolved) return { message: unresolved };
  // The message of these names the key or the resource. Their stack trace shows only who found it.
  if (name === 'ConfigurationError') return { message, file: 'infra/stages.ts' };
  if (name === 'UnsupportedResourceError')
    return { message: `This stack cannot be served on this machine. ${message}` };
  return { message: name === 'Error' ? message : `${name}: ${message}`, ...ownFrame(error.stack ?? '') };
}

/** Returns the topmost stack frame in the project's own code. */
function ownFrame(stack: string): Pick<BuildError, 'file' | 'line' | 'column'> {
  for (const [, place = '', line, column] of stack.matchAll(/(?:\(|at |^)(\S+?):(\d+)(?::(\d+)\))?\)?$/gm)) {
    const path = relative(projectRoot, place.startsWith('file:') ? fileURLToPath(place) : place);
    if (path.startsWith('..') || path.includes('node_modules') || path.startsWith('node:')) continue;
    return { file: path, line: Number(line), ...(column && { column: Number(column) }) };
  }
  return {};
}
