import type { LocalRuntimeEvent } from '../runtime-event.ts';
import type { EditReport } from '../watch/edit-report.ts';
import type { ServedRoute, StartupSummary } from './startup-summary.ts';

/** The API is served. */
export interface ReadyReport extends StartupSummary {
  event: 'ready';
  /** How long the start took. */
  milliseconds: number;
}

/** An edit added or removed routes. */
export interface RoutesReport {
  event: 'routes-changed';
  /** Every route that is served now. */
  routes: ServedRoute[];
  /** The keys of the routes that are new, such as `POST /feeling`. */
  added: string[];
  /** The keys of the routes that are no longer served. */
  removed: string[];
  /** Shell commands to try the new ones. */
  commands: string[];
}

/** Lines that were not printed, because nobody read the ones before them. */
export interface DroppedReport {
  event: 'output-dropped';
  lines: number;
}

/** Each function has an inspector. Timeouts and memory limits are suspended. */
export interface InspectReport {
  event: 'inspecting';
  /** On 127.0.0.1. A process has its inspector from its first invocation on. */
  inspectors: { function: string; port: number | undefined }[];
  /** Whether a process waits for a debugger before it loads the function. */
  waits: boolean;
}

/** Everything that happens from start to stop. The JSON output is these events, one on each line. */
export type RuntimeEvent =
  | ReadyReport
  | LocalRuntimeEvent
  | EditReport
  | RoutesReport
  | DroppedReport
  | InspectReport
  /** The stop began or, where `again` is true, is cut short. */
  | { event: 'stopping'; reason: string; again: boolean }
  | { event: 'stopped' };

/** Prints an event, for a person or for a program. */
export type Report = (event: RuntimeEvent) => void;
