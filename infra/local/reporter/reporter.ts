import type { LocalRuntimeEvent } from '../local-runtime.ts';
import type { BuildErrorReport, ChangeReport } from '../watch/build-error.ts';
import type { StartupSummary } from './startup-summary.ts';

/** The API is served. */
export interface ReadyReport extends StartupSummary {
  event: 'ready';
  /** How long the start took. */
  milliseconds: number;
}

/** Whatever happens from start to stop. The JSON output is these events, one on each line. */
export type RuntimeEvent =
  | ReadyReport
  | LocalRuntimeEvent
  | ChangeReport
  | BuildErrorReport
  | { event: 'stopping'; reason: string }
  | { event: 'stopped' };

/** Prints an event, for a person or for a program. */
export type Report = (event: RuntimeEvent) => void;
