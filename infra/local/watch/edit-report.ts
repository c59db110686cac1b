import type { BuildError } from './build-error.ts';

/** Edits that are in service. */
export interface ChangeReport {
  event: 'changed';
  /** What was edited, relative to the project. */
  files: string[];
  /** What was rebuilt. `contract` includes the stack, and `stack` the functions. */
  remade: 'functions' | 'stack' | 'contract';
  /** The names of the functions that are new or whose code or settings changed. They restart. */
  functions: string[];
  /** The names of the functions that are no longer in the stack. */
  removed: string[];
  /** Since the edit was noticed. */
  milliseconds: number;
}

/** Edits that cannot be served. The previous version stays in service. */
export interface BuildErrorReport extends BuildError {
  event: 'error';
  /** What was edited, relative to the project. */
  files: string[];
}

/** Edits of the server's own code, which runs on as it was. */
export interface RestartReport {
  event: 'restart-needed';
  /** What was edited, relative to the project. */
  files: string[];
}

export type EditReport = ChangeReport | BuildErrorReport | RestartReport;
