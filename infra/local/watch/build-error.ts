import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { projectRoot } from '../../project-root.ts';

/** Edits that are in service. */
export interface ChangeReport {
  event: 'changed';
  /** What was edited, relative to the project. */
  files: string[];
  /** What was made anew. `contract` includes the stack, and that the functions. */
  remade: 'functions' | 'stack' | 'contract';
  /** The functions that have new environments, by name. */
  functions: string[];
  /** From the edit's being noticed on. */
  milliseconds: number;
}

export type BuildError = z.infer<typeof buildErrorShape>;
/** What is wrong with an edit, in a sentence, and where. */
export const buildErrorShape = z.object({
  message: z.string(),
  /** Relative to the project. */
  file: z.string().optional(),
  line: z.number().optional(),
  column: z.number().optional(),
});

/** Edits that cannot be served. The previous version stays in service. */
export interface BuildErrorReport extends BuildError {
  event: 'error';
  /** What was edited, relative to the project. */
  files: string[];
}

/** An edit that cannot be brought into service. */
export class EditError extends Error {
  override readonly name = 'EditError';
  readonly fault: BuildError;

  constructor(fault: BuildError) {
    super(fault.message);
    this.fault = fault;
  }
}

/**
 * What is wrong with an edit, by the error that it led to: of esbuild, of the contract, of the configuration,
 * of the stack's own code, or of the template.
 */
export function buildErrorOf(error: unknown): BuildError {
  if (error instanceof EditError) return error.fault;
  if (!(error instanceof Error)) return { message: String(error) };
  // esbuild's and the contract's errors say where; the CDK has its own words around the former.
  const [, file, line, column, said] = /^([^\s:]+):(\d+):(\d+): (?:ERROR: )?(.+)$/m.exec(error.message) ?? [];
  if (file && said) return { message: said, file, line: Number(line), column: Number(column) };
  const [, unresolved] = /^error: (.+)$/m.exec(error.message) ?? [];
  if (unresolved) return { message: unresolved };
  // These name the key or the resource that is wrong, and their stack is that of who found it.
  if (error.name === 'ConfigurationError') {
    return { message: error.message, file: 'infra/stages.ts' };
  }
  if (error.name === 'UnsupportedResourceError')
    return { message: `The stack cannot be served on this machine. ${error.message}` };
  const name = error.name === 'Error' ? '' : `${error.name}: `;
  return { message: `${name}${error.message}`, ...ownFrame(error.stack ?? '') };
}

/** The place nearest to an error in code of the project's own. */
function ownFrame(stack: string): Pick<BuildError, 'file' | 'line' | 'column'> {
  for (const [, place = '', line, column] of stack.matchAll(/(?:\(|at |^)(\S+?):(\d+)(?::(\d+)\))?\)?$/gm)) {
    const path = relative(projectRoot, place.startsWith('file:') ? fileURLToPath(place) : place);
    if (path.startsWith('..') || path.includes('node_modules') || path.startsWith('node:')) continue;
    return { file: path, line: Number(line), ...(column && { column: Number(column) }) };
  }
  return {};
}
